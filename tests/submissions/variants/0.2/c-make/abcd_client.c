/* Exercise 0.1: one datagram to UDP port 20000, over a connected socket. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    const char *message = "A";
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(20000)};
    int client = socket(AF_INET, SOCK_DGRAM, 0);

    inet_pton(AF_INET, "127.0.0.1", &server.sin_addr);
    if (client < 0 || connect(client, (struct sockaddr *)&server, sizeof server) < 0) {
        perror("connect");
        return 1;
    }
    if (send(client, message, strlen(message), 0) < 0) {
        perror("send");
        return 1;
    }
    char answer[16];
    ssize_t n = recv(client, answer, sizeof answer, 0);
    if (n > 0)
        printf("%.*s\n", (int)n, answer);
    close(client);
    return 0;
}
