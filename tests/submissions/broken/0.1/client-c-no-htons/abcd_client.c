/* Exercise 0.1: send the single byte A to UDP port 20000 of this host. */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = 20000};
    int client = socket(AF_INET, SOCK_DGRAM, 0);

    inet_pton(AF_INET, "127.0.0.1", &server.sin_addr);
    if (client < 0 || sendto(client, "A", 1, 0, (struct sockaddr *)&server, sizeof server) != 1) {
        perror("abcd_client");
        return 1;
    }
    puts("Sent A");
    close(client);
    return 0;
}
