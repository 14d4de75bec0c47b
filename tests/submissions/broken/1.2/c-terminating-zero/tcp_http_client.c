/* Exercise 1.2: fetch http://httpbin.org/get with a request written by hand. */
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static const char request[] = "GET /get HTTP/1.1\r\nHost: httpbin.org\r\nConnection: close\r\n\r\n";

int main(void)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *server;
    char chunk[4096];
    ssize_t n;

    if (getaddrinfo("httpbin.org", "80", &hints, &server) != 0) {
        fputs("httpbin.org: unknown host\n", stderr);
        return 1;
    }
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection, server->ai_addr, server->ai_addrlen) < 0) {
        perror("httpbin.org");
        return 1;
    }
    write(connection, request, sizeof request);
    while ((n = read(connection, chunk, sizeof chunk)) > 0)
        fwrite(chunk, 1, (size_t)n, stdout);
    close(connection);
    return 0;
}
