/* Exercise 1.4: send one UDP datagram whose header is made by hand. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct header {
    uint16_t source, destination, length, checksum;
};

struct pseudo_header {
    uint32_t source, destination;
    uint8_t zero, protocol;
    uint16_t length;
};

static uint32_t add(uint32_t sum, const void *data, size_t size)
{
    const uint8_t *byte = data;
    for (; size > 1; byte += 2, size -= 2)
        sum += (uint32_t)byte[0] << 8 | byte[1];
    return size ? sum + ((uint32_t)byte[0] << 8) : sum;
}

int main(void)
{
    const char payload[] = "Manually Crafted Packet";
    const size_t size = sizeof payload;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct {
        struct header header;
        char data[sizeof payload];
    } datagram = {{htons(12345), htons(8000), htons(sizeof(struct header) + size), 0}, {0}};
    struct pseudo_header pseudo = {to.sin_addr.s_addr, to.sin_addr.s_addr, 0, IPPROTO_UDP, datagram.header.length};

    memcpy(datagram.data, payload, size);
    uint32_t sum = add(add(0, &pseudo, sizeof pseudo), &datagram, sizeof(struct header) + size);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    datagram.header.checksum = htons(sum == 0xffff ? 0xffff : (uint16_t)~sum);

    int sender = socket(AF_INET, SOCK_RAW, IPPROTO_UDP);
    if (sender < 0) {
        perror("raw socket");
        return 1;
    }
    if (sendto(sender, &datagram, sizeof(struct header) + size, 0, (struct sockaddr *)&to, sizeof to) < 0) {
        perror("sendto");
        return 1;
    }
    close(sender);
    printf("sent %zu bytes\n", sizeof(struct header) + size);
    return 0;
}
