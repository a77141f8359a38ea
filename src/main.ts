process.stdout.write(`hi ${process.version} ${process.argv.slice(2).join(',')}\n`);
