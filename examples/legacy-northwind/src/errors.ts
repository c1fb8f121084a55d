import { DatabaseError } from 'pg';

/** A request that the API itself refuses: `text/plain` with this message. */
export class Refused extends Error {
  constructor(
    readonly status: 400 | 500,
    message: string,
  ) {
    super(message);
    this.name = 'Refused';
  }
}

/** No such row: the same HTML page as for a path that does not exist. */
export class NotFound extends Error {}

export const NOT_FOUND_PAGE = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">
<html>
<head><title>404 - File or directory not found.</title></head>
<body>
<h1>Server Error</h1>
<h2>404 - File or directory not found.</h2>
<p>The resource you are looking for might have been removed, had its name changed, or is temporarily unavailable.</p>
</body>
</html>
`;

export interface ErrorAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** What a caller gets for anything thrown. Whatever the database says goes out in the database's words, as it always did. */
export function answerOf(error: unknown): ErrorAnswer {
  if (error instanceof NotFound) {
    return { status: 404, contentType: 'text/html; charset=utf-8', body: NOT_FOUND_PAGE };
  }
  if (error instanceof Refused) return plain(error.status, error.message);
  if (error instanceof DatabaseError) {
    return plain(500, ['Database error: ', error.message, error.detail ? `\n${error.detail}` : ''].join(''));
  }
  if (isClientFault(error)) return plain(400, error.message);
  return plain(500, `Server error: ${error instanceof Error ? error.message : String(error)}`);
}

function plain(status: number, body: string): ErrorAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

/** fastify's own complaints about a request (body too large, length wrong); this API only knows 400 for them. */
function isClientFault(error: unknown): error is Error {
  return (
    error instanceof Error &&
    'statusCode' in error &&
    typeof error.statusCode === 'number' &&
    error.statusCode >= 400 &&
    error.statusCode < 500
  );
}
