import type { Dispatcher } from 'undici';

/**
 * `dispatcher`, except that `count` learns of each piece of a body as it leaves the socket. Whoever reads the body sees less:
 * not what is discarded, and not what was waiting to be read when the connection was cut.
 */
export function counted(dispatcher: Dispatcher, count: (bytes: number) => void): Dispatcher {
  return dispatcher.compose((dispatch) => (options, handler) => dispatch(options, counting(handler, count)));
}

/** Hands everything on that a GET can bring. */
function counting(handler: Dispatcher.DispatchHandler, count: (bytes: number) => void): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
    onResponseStart: (controller, status, headers, message) =>
      handler.onResponseStart?.(controller, status, headers, message),
    onResponseData(controller, chunk) {
      count(chunk.length);
      handler.onResponseData?.(controller, chunk);
    },
    onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
    onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
  };
}
