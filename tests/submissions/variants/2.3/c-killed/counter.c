/* Exercise 2.3: count IP packets by protocol for a minute. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HTTP, DNS, ICMP, TCP, UDP, OTHER, CLASSES };
static const char *const name[CLASSES] = {"HTTP", "DNS", "ICMP", "TCP", "UDP", "Other"};
static unsigned long count[CLASSES];

static unsigned u16(const uint8_t *p) { return (unsigned)p[0] << 8 | p[1]; }

static int is(unsigned port, const uint8_t *ports) { return u16(ports) == port || u16(ports + 2) == port; }

static int request(const uint8_t *data, size_t size)
{
    static const char *const methods[] = {"GET ", "POST ", "HEAD ", "PUT ", "DELETE ", "OPTIONS ", "PATCH "};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (size > strlen(methods[i]) && !memcmp(data, methods[i], strlen(methods[i])))
            return 1;
    return 0;
}

static int dns(const uint8_t *message, size_t size) { return size > 12 && u16(message + 4) == 1; }

static int classify(const uint8_t *packet)
{
    size_t ihl = (packet[0] & 15u) * 4, size = u16(packet + 2) - ihl;
    const uint8_t *segment = packet + ihl;
    if (packet[9] == IPPROTO_ICMP)
        return ICMP;
    if (packet[9] == IPPROTO_TCP) {
        size_t header = (segment[12] >> 4) * 4u;
        if ((is(80, segment) || is(8080, segment)) && request(segment + header, size - header))
            return HTTP;
        return is(53, segment) && size > header + 2 && dns(segment + header + 2, size - header - 2) ? DNS : TCP;
    }
    if (packet[9] == IPPROTO_UDP)
        return is(53, segment) && dns(segment + 8, size - 8) ? DNS : UDP;
    return OTHER;
}

static void show(const char *before, const char *between, const char *behind)
{
    fputs(before, stdout);
    for (int i = 0; i < CLASSES; i++)
        printf("%s%s %lu", i ? between : "", name[i], count[i]);
    fputs(behind, stdout);
    fflush(stdout);
}

int main(void)
{
    static uint8_t packet[65536];
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = if_nametoindex("eth0")};
    sigset_t signals;
    int s = socket(AF_PACKET, SOCK_DGRAM, 0);

    if (s < 0 || bind(s, (struct sockaddr *)&at, sizeof at) < 0) {
        perror("packet socket");
        return 1;
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);

    struct pollfd ready[] = {{.fd = s, .events = POLLIN}, {.fd = signalfd(-1, &signals, 0), .events = POLLIN}};
    for (time_t end = time(NULL) + 60; time(NULL) < end && poll(ready, 2, 500) >= 0 && !ready[1].revents;) {
        struct sockaddr_ll from;
        socklen_t length = sizeof from;
        if (!(ready[0].revents & POLLIN) || recvfrom(s, packet, sizeof packet, 0, (struct sockaddr *)&from, &length) < 20)
            continue;
        if (from.sll_protocol == htons(ETH_P_IP)) {
            count[classify(packet)]++;
            show("\x1b[2K\r", "   ", "");
        }
    }
    show("\n-- total --\n", "\n", "\n");
    return 0;
}
