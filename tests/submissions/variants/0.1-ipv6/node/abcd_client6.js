// Exercise 0.1 over IPv6: send the single byte A to UDP port 20000 of ::1.
const dgram = require("dgram");

const client = dgram.createSocket("udp6");
client.on("message", (answer) => {
  console.log(answer.toString());
  client.close();
});
client.send("A", 20000, "::1");
