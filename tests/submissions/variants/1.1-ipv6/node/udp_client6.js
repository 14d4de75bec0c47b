// Exercise 1.1 over IPv6: send one datagram to UDP port 8000 of ::1.
const dgram = require("dgram");

const client = dgram.createSocket("udp6");
client.send("Hello, World!", 8000, "::1", () => client.close());
