/** Whose doing a failure is. It decides the exit code of a command and the status of an answer. */
export type Fault = 'client' | 'upstream' | 'storage' | 'config' | 'internal';
