/* Exercise 0.1: answer every datagram to UDP port 20000 with ABCD. */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

static const char answer[] = "ABCD";

int main(void)
{
    char message[2048], text[INET_ADDRSTRLEN];
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(20000)};
    int server = socket(AF_INET, SOCK_DGRAM, 0);

    if (server < 0 || bind(server, (struct sockaddr *)&here, sizeof here) < 0) {
        perror("abcd_server");
        return 1;
    }
    for (;;) {
        struct sockaddr_in client;
        socklen_t size = sizeof client;
        ssize_t n = recvfrom(server, message, sizeof message, 0, (struct sockaddr *)&client, &size);

        if (n < 0)
            continue;
        inet_ntop(AF_INET, &client.sin_addr, text, sizeof text);
        printf("%s:%d says %.*s\n", text, ntohs(client.sin_port), (int)n, message);
        fflush(stdout);
        sendto(server, answer, sizeof answer, 0, (struct sockaddr *)&client, size);
    }
}
