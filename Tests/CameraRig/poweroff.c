// Ends QEMU through its isa-debug-exit device at port 0x501: QEMU's status becomes 2 × CODE + 1, so an even one is a crash.
#include <stdlib.h>
#include <sys/io.h>
#include <unistd.h>

int main(int count, char **words) {
    sync();
    if (ioperm(0x501, 1, 1)) return 1;
    outb((unsigned char)(count > 1 ? atoi(words[1]) : 0), 0x501);
    return 2;
}
