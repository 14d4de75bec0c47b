/* Exercise 2.4: receiver in the parent, sender in the child. */
#include <arpa/inet.h>
#include <ctype.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 12345, HEADER = 4, LISTEN_S = 11 };

static void show(const uint8_t *packet, ssize_t size)
{
    size_t ihl = (packet[0] & 15) * 4u;
    if (size < (ssize_t)ihl + 8 || packet[9] != IPPROTO_UDP || (packet[ihl + 2] << 8 | packet[ihl + 3]) != PORT)
        return;
    int data = (packet[ihl + 4] << 8 | packet[ihl + 5]) - 8;
    const uint8_t *message = packet + ihl + 8;
    printf("src %u.%u.%u.%u: ", packet[12], packet[13], packet[14], packet[15]);
    if (data < HEADER) {
        printf("%d bytes, need %d\n", data, HEADER);
        return;
    }
    int length = message[2] << 8 | message[3];
    printf("version %u type %u length %d %s \"", message[0], message[1], length,
           length == data - HEADER ? "(good)" : "(bad length!)");
    for (int i = HEADER; i < data; i++)
        isprint(message[i]) ? putchar(message[i]) : printf("\\x%02x", message[i]);
    puts("\"");
}

static int sender(void)
{
    const char data[] = "This is my custom data";
    uint8_t message[HEADER + sizeof data - 1] = {2, 1, 0, sizeof data - 1};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    memcpy(message + HEADER, data, sizeof data - 1);
    sleep(2);
    return sendto(s, message, sizeof message, 0, (struct sockaddr *)&to, sizeof to) < 0;
}

int main(void)
{
    uint8_t packet[65536];
    struct sockaddr_ll from;
    int s = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP));

    if (s < 0) {
        perror("packet socket");
        return 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    fflush(stdout);
    if (fork() == 0)
        _exit(sender());
    struct pollfd ready = {.fd = s, .events = POLLIN};
    for (time_t end = time(NULL) + LISTEN_S; time(NULL) < end;) {
        if (poll(&ready, 1, 500) <= 0)
            continue;
        socklen_t length = sizeof from;
        ssize_t size = recvfrom(s, packet, sizeof packet, 0, (struct sockaddr *)&from, &length);
        if (size >= 20 && from.sll_pkttype != PACKET_OUTGOING)
            show(packet, size);
    }
    wait(NULL);
    return 0;
}
