/* Exercise 0.1: answer every datagram to UDP port 20000 with ABCD. */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

int main(void)
{
    char message[2048], text[INET_ADDRSTRLEN];
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(20000)};
    int server = socket(AF_INET, SOCK_DGRAM, 0);

    if (server < 0 || bind(server, (struct sockaddr *)&here, sizeof here) < 0) {
        perror("bind");
        return 1;
    }
    for (;;) {
        struct sockaddr_in peer;
        socklen_t size = sizeof peer;
        ssize_t n = recvfrom(server, message, sizeof message, 0, (struct sockaddr *)&peer, &size);

        if (n < 0)
            continue;
        inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text);
        printf("%s:%d ", text, ntohs(peer.sin_port));
        fwrite(message, 1, (size_t)n, stdout);
        putchar('\n');
        sendto(server, "ABCD", 4, 0, (struct sockaddr *)&peer, size);
    }
}
