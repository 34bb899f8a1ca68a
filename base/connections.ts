/** As much of a socket as it takes to end it. */
interface Socket {
  destroy(): unknown;
  once(event: "close", run: () => void): unknown;
}

/** Every connection of a server. */
export interface Connections {
  /** Ends all of them at once. */
  destroy(): void;
}

/**
 * Keeps the connections that a server has from now on, also those whose TLS handshake is not over:
 * of them nobody else knows, and a server that closes waits for them for two minutes.
 */
export function connectionsOf(server: {
  on(event: "connection", run: (socket: Socket) => void): unknown;
}): Connections {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return {
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
