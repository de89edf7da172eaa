// Speaks JSON with the sandbox's control API.

async function call(method, path, body) {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw failure(0, { message: "The sandbox can't be reached. Is it still running?" });
  }
  const text = await response.text();
  const value = text === "" ? {} : parsed(text);
  if (!response.ok) throw failure(response.status, value);
  return value;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.slice(0, 200) };
  }
}

function failure(status, value) {
  const error = new Error(value.message ?? `The sandbox answered ${status}.`);
  return Object.assign(error, { status, code: value.code, errors: value.errors });
}

export const api = {
  get: (path) => call("GET", path),
  post: (path, body = {}) => call("POST", path, body),
  put: (path, body) => call("PUT", path, body),
  del: (path) => call("DELETE", path),
};
