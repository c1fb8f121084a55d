import { readFetchResponse } from './fetch-response.js';
import { Connection, FetchResponse, RequestQueue } from './internals.js';

let patched = false;

/** Mends three faults of kafkajs 2.2.4 for the whole process. Call before the first connect; calling again does nothing. */
export function patchKafkajs(): void {
  if (patched) return;
  patched = true;
  forgetHalfReadResponses();
  stopIdleTimer();
  readFetchesInOneGo();
}

/**
 * A connection that is reset inside a response keeps the half-read bytes and is used again; the next response is then read
 * from the middle of the old one. The producer is dead from there on, or throws an uncaught RangeError out of the socket.
 */
function forgetHalfReadResponses(): void {
  const connect = Connection.prototype.connect;
  Connection.prototype.connect = function () {
    if (!this.isConnected()) {
      this.chunks = [];
      this.bytesBuffered = 0;
      this.bytesNeeded = 4;
    }
    return connect.call(this);
  };
}

/** Each connection re-arms a 1 ms timer for ever, although there is nothing to send; arm it only when something waits. */
function stopIdleTimer(): void {
  RequestQueue.prototype.scheduleCheckPendingRequests = function () {
    if (this.throttleCheckTimeoutId) return;
    let waitMs = this.throttledUntil - Date.now();
    if (waitMs <= 0) {
      if (this.pending.length === 0) return;
      waitMs = 10;
    }
    this.throttleCheckTimeoutId = setTimeout(() => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    }, waitMs);
  };
}

/**
 * kafkajs reads a record five times as slowly as its bytes can be read (a Long and two texts for its numbers, all headers copied for each
 * header). What is read here instead are records as the port has them. Brokers before 2.3 answer in an older version, which kafkajs reads.
 */
function readFetchesInOneGo(): void {
  const { decode } = FetchResponse;
  FetchResponse.decode = async (bytes) => (await readFetchResponse(bytes)) ?? decode(bytes);
}
