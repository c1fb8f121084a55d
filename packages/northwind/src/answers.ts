import { type Json, type LegacyAnswer, LegacyRefused, type V2Problem } from '@banyan/transformer';

const NOT_FOUND_PAGE = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">
<html>
<head><title>404 - File or directory not found.</title></head>
<body>
<h1>Server Error</h1>
<h2>404 - File or directory not found.</h2>
<p>The resource you are looking for might have been removed, had its name changed, or is temporarily unavailable.</p>
</body>
</html>
`;

export function jsonAnswer(
  status: 200 | 201,
  body: Json,
  headers: Readonly<Record<string, string>> = {},
): LegacyAnswer {
  return {
    status,
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  };
}

/** A row, or the page for one that is not there. */
export function rowAnswer(status: 200 | 201, row: Json | undefined): LegacyAnswer {
  return row === undefined ? notFound() : jsonAnswer(status, row);
}

export function deleted(): LegacyAnswer {
  return { status: 204, headers: {}, body: '' };
}

/** The same page for a row that is not there and for a path that does not exist. */
export function notFound(): LegacyAnswer {
  return { status: 404, headers: { 'content-type': 'text/html; charset=utf-8' }, body: NOT_FOUND_PAGE };
}

export function plainText(status: 400 | 500, words: string): LegacyAnswer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: words };
}

/** What legacy's database says goes out in the database's words. */
export function databaseError(message: string, detail?: string): LegacyAnswer {
  return plainText(500, `Database error: ${message}${detail === undefined ? '' : `\n${detail}`}`);
}

/** What the API itself refuses, to be thrown. */
export function refused(words: string): LegacyRefused {
  return new LegacyRefused(plainText(400, words));
}

/** Legacy's 404 where V2 says that there is no such thing; undefined for any other problem. */
export function absence({ status, code }: V2Problem): LegacyAnswer | undefined {
  return status === 404 || code.endsWith('_NOT_FOUND') ? notFound() : undefined;
}
