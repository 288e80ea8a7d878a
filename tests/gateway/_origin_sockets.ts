/** The WebSockets of the origin in these tests, by path. */

export function handleSocket(request: Request, { pathname, searchParams }: URL): Response {
  if (pathname === "/socket/refused") {
    return new Response("not today", { status: 403, headers: { "x-why": "closed" } });
  }
  const headers = Object.fromEntries(request.headers);
  const offered = request.headers.get("sec-websocket-protocol")?.split(", ") ?? [];
  // The last one offered, so that a gateway which chose the first would be found out.
  const protocol = offered.at(-1);
  const { socket, response } = Deno.upgradeWebSocket(request, protocol ? { protocol } : {});
  if (pathname === "/socket/closes") {
    const code = searchParams.get("code");
    socket.onopen = () => code ? socket.close(Number(code), "from the origin") : socket.close();
  } else if (pathname === "/socket/deaf") {
    socket.onopen = () => {
      // Nothing is read while nothing runs.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
    };
  } else if (pathname === "/socket/floods") {
    const message = new Uint8Array(65_536);
    socket.onopen = () => {
      for (let sent = 0; sent < Number(searchParams.get("n")); sent++) socket.send(message);
    };
  } else {
    socket.onmessage = ({ data }) => {
      if (data === "headers") socket.send(JSON.stringify(headers));
      else if (data !== "quiet") socket.send(data);
    };
  }
  socket.onclose = ({ code, reason }) => goodbyes.push(`${code} ${reason}`);
  if (pathname === "/socket/goodbyes") {
    socket.onmessage = () => socket.send(JSON.stringify(goodbyes));
  }
  return response;
}

/** How sockets were left, in order. */
const goodbyes: string[] = [];
