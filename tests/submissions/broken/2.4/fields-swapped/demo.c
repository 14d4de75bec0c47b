#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <time.h>
#include <pthread.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <net/ethernet.h>
#include <netpacket/packet.h>
struct cp { unsigned char version, type; unsigned short length; } __attribute__((packed));
static void *rx(void *x) {
  int s = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP));
  if (s < 0) { perror("socket"); exit(1); }
  time_t end = time(0) + 13; unsigned char b[65536];
  struct timeval tv = {1, 0}; setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
  while (time(0) < end) {
    struct sockaddr_ll ll; socklen_t n = sizeof ll;
    int r = recvfrom(s, b, sizeof b, 0, (void*)&ll, &n);
    if (r < 28 || b[9] != 17 || ll.sll_pkttype == PACKET_OUTGOING) continue;
    int h = (b[0] & 15) * 4; if (b[h+2]*256 + b[h+3] != 12345) continue;
    int ul = (b[h+4]*256 + b[h+5]) - 8; unsigned char *p = b + h + 8;
    struct in_addr a; memcpy(&a, b + 12, 4);
    if (ul < 4) { printf("%s sent a runt of %d byte(s)\n", inet_ntoa(a), ul); continue; }
    int len = p[2]*256+p[3];
    printf("from %s\n\tversion: 0x%02x\n\ttype:    0x%02x\n\tlength:  %d\n\tpayload: \"", inet_ntoa(a), p[1], p[0], len);
    for (int i = 4; i < ul; i++) if (p[i] >= 32 && p[i] < 127) putchar(p[i]); else printf("\\x%02x", p[i]);
    printf("\"\n\t%s\n", len == ul - 4 ? "length fits" : "length does not fit");
  }
  return 0;
}
int main() {
  pthread_t t; pthread_create(&t, 0, rx, 0); sleep(2);
  struct { struct cp h; char d[22]; } __attribute__((packed)) m = {{2, 1, htons(22)}, ""};
  memcpy(m.d, "This is my custom data", 22);
  int s = socket(AF_INET, SOCK_DGRAM, 0); struct sockaddr_in a = {AF_INET, htons(12345), {htonl(INADDR_LOOPBACK)}};
  sendto(s, &m, sizeof m, 0, (void*)&a, sizeof a); puts("sent");
  pthread_join(t, 0); return 0;
}
