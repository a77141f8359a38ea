/** The limits of a relay whose agents all come from 127.0.0.1, as those of a test do. */
export const SHARED_ADDRESS_ENV = {
  RELAY_AGENTS__LIMITS__CONNECTIONS_PER_ADDRESS: '10000',
  RELAY_AGENTS__LIMITS__DOWNLOADS_PER_ADDRESS: '10000',
};
