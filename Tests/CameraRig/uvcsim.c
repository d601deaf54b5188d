// A USB webcam in user space: UVC 1.0 with motion JPEG, YUYV or both, plugged into this kernel's vhci-hcd over a socketpair
// (USB/IP's messages, no network), so that the stock uvcvideo driver makes a true /dev/videoN of it.
//
//   uvcsim --size WxH [--port N] [--serial TEXT] [FAULT…] [JPEG…] [-- YUYV…]
//
// It shows the pictures in turn, one a frame interval, as long as somebody streams. Faults, by the count of frames since
// streaming began:
//   --corrupt N   every Nth frame has garbage in its middle (a JPEG that does not decode)
//   --errbit N    every Nth frame carries UVC's error bit: the driver drops it, and its sequence numbers show a gap
//   --skip N      every Nth frame never leaves the camera: a lower rate, no gap
//   --stall N     silence after N frames, until streaming begins anew
//   --unplug N    it is unplugged after N frames
//
// Every brightness it is set to is a line on standard output.
//
// Structures: USB 2.0 chapter 9; UVC 1.0 class specification, chapters 3 and 4; Linux Documentation/usb/usbip_protocol.rst.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CMD_SUBMIT = 1, CMD_UNLINK = 2, RET_SUBMIT = 3, RET_UNLINK = 4 };
enum { PACKET = 512, TRANSFER = 16384, PICTURES = 64, SPEED_HIGH = 3 };
// dwFrameInterval in units of 100 ns: 30, 15, 10 and 5 frames a second.
static const uint32_t intervals[] = {333333, 666666, 1000000, 2000000};
enum { INTERVALS = sizeof intervals / sizeof *intervals };

struct message {  // of USB/IP, big-endian
    uint32_t command, sequence, device, direction, endpoint;
    union {
        struct { uint32_t flags; int32_t length, start, packets, interval; uint8_t setup[8]; } submit;
        struct { int32_t status, actual, start, packets, errors; uint8_t padding[8]; } reply;
        struct { uint32_t sequence; uint8_t padding[24]; } unlink;
    };
} __attribute__((packed));

struct request {  // a read of the driver's that waits for picture data
    struct message message;
    struct request *next;
};

struct picture { uint8_t *bytes; long count; };

static struct picture jpegs[PICTURES], yuyvs[PICTURES];
static int jpeg_count, yuyv_count;
static int width, height, port, corrupt, errbit, skip, stall, unplug;
static const char *serial = "0001";

static int wire;
static struct request *waiting, **last = &waiting;
static uint8_t device[18], configuration[512];
static int configuration_length;
static uint8_t probe[26];               // the video probe and commit control, as negotiated
static uint8_t brightness[2] = {128, 0};

static long frames;                     // since streaming began
static const uint8_t *current;          // what is left of the frame on its way
static long left;
static uint8_t toggle, error_bit;

// Descriptors, written byte by byte.

static uint8_t *cursor;
static void u8(unsigned value) { *cursor++ = (uint8_t)value; }
static void u16(unsigned value) { u8(value); u8(value >> 8); }
static void u32(uint32_t value) { u16(value); u16(value >> 16); }

static uint32_t read32(const uint8_t *bytes) { return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24; }

static void colour_matching(void) { u8(6); u8(0x24); u8(0x0d); u8(1); u8(1); u8(4); }  // BT.709 primaries, BT.601 matrix

static void frame_descriptor(int subtype) {
    uint32_t bytes = (uint32_t)width * height * 2;
    u8(26 + 4 * INTERVALS); u8(0x24); u8(subtype); u8(1); u8(0);
    u16(width); u16(height); u32(bytes * 8); u32(bytes * 8 * 30); u32(bytes); u32(intervals[1]); u8(INTERVALS);
    for (int i = 0; i < INTERVALS; i++) u32(intervals[i]);
}

static void jpeg_format(int index) {
    u8(11); u8(0x24); u8(6); u8(index); u8(1); u8(1); u8(1); u8(0); u8(0); u8(0); u8(0);
    frame_descriptor(7);
    colour_matching();
}

static void yuyv_format(int index) {
    static const uint8_t guid[16] = {'Y', 'U', 'Y', '2', 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71};
    u8(27); u8(0x24); u8(4); u8(index); u8(1);
    for (int i = 0; i < 16; i++) u8(guid[i]);
    u8(16); u8(1); u8(0); u8(0); u8(0); u8(0);
    frame_descriptor(5);
    colour_matching();
}

static void write_probe(int format, uint32_t interval) {
    cursor = probe;
    u16(0); u8(format); u8(1); u32(interval); u16(0); u16(0); u16(0); u16(0); u16(0);
    u32((uint32_t)width * height * 2); u32(TRANSFER);
}

static int format_count(void) { return (jpeg_count > 0) + (yuyv_count > 0); }
static int shows_jpeg(void) { return jpeg_count > 0 && probe[2] == 1; }

static void describe(void) {
    cursor = device;
    u8(18); u8(1); u16(0x200); u8(0xef); u8(2); u8(1); u8(64); u16(0x1209); u16(1); u16(0x100); u8(1); u8(2); u8(3); u8(1);
    cursor = configuration;
    u8(9); u8(2); u16(0); u8(2); u8(1); u8(0); u8(0x80); u8(250);
    u8(8); u8(11); u8(0); u8(2); u8(0x0e); u8(3); u8(0); u8(2);                         // both interfaces are one camera
    u8(9); u8(4); u8(0); u8(0); u8(0); u8(0x0e); u8(1); u8(0); u8(2);                   // control: camera → processing → host
    u8(13); u8(0x24); u8(1); u16(0x100); u16(51); u32(48000000); u8(1); u8(1);
    u8(18); u8(0x24); u8(2); u8(1); u16(0x201); u8(0); u8(0); u16(0); u16(0); u16(0); u8(3); u8(0); u8(0); u8(0);
    u8(11); u8(0x24); u8(5); u8(2); u8(1); u16(0); u8(2); u16(1); u8(0);
    u8(9); u8(0x24); u8(3); u8(3); u16(0x101); u8(0); u8(2); u8(0);
    u8(9); u8(4); u8(1); u8(0); u8(1); u8(0x0e); u8(2); u8(0); u8(0);                   // streaming, by bulk transfers
    uint8_t *streaming = cursor;
    int formats = format_count();
    u8(13 + formats); u8(0x24); u8(1); u8(formats); u16(0); u8(0x81); u8(0); u8(3); u8(0); u8(0); u8(0); u8(1);
    for (int i = 0; i < formats; i++) u8(0);
    if (jpeg_count) jpeg_format(1);
    if (yuyv_count) yuyv_format(formats);
    int length = (int)(cursor - streaming);
    streaming[4] = (uint8_t)length;
    streaming[5] = (uint8_t)(length >> 8);
    u8(7); u8(5); u8(0x81); u8(2); u16(PACKET); u8(0);
    configuration_length = (int)(cursor - configuration);
    configuration[2] = (uint8_t)configuration_length;
    configuration[3] = (uint8_t)(configuration_length >> 8);
    write_probe(1, intervals[1]);
}

// The wire.

static void send_all(const void *bytes, size_t count) {
    while (count) {
        ssize_t sent = send(wire, bytes, count, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) exit(0);  // the kernel let go of the port
        bytes = (const char *)bytes + sent;
        count -= (size_t)sent;
    }
}

static int receive_all(void *bytes, size_t count) {
    while (count) {
        ssize_t got = read(wire, bytes, count);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return 0;
        bytes = (char *)bytes + got;
        count -= (size_t)got;
    }
    return 1;
}

static void reply(const struct message *to, int status, const void *bytes, int count) {
    struct message answer = {.command = htonl(RET_SUBMIT), .sequence = to->sequence};
    answer.reply.status = (int32_t)htonl((uint32_t)status);
    answer.reply.actual = (int32_t)htonl((uint32_t)count);
    answer.reply.packets = to->submit.packets;
    send_all(&answer, sizeof answer);
    if (count && to->direction) send_all(bytes, (size_t)count);
}

static void reply_string(const struct message *to, const char *text, int limit) {
    uint8_t bytes[128] = {0, 3};
    int count = 2;
    for (; *text && count < 126; text++) {
        bytes[count++] = (uint8_t)*text;
        bytes[count++] = 0;
    }
    bytes[0] = (uint8_t)count;
    reply(to, 0, bytes, count < limit ? count : limit);
}

// Control requests.

static void answer_control(const struct message *to, const uint8_t *data) {
    const uint8_t *setup = to->submit.setup;
    int type = setup[0], code = setup[1], value = setup[2] | setup[3] << 8, index = setup[4] | setup[5] << 8, length = setup[6] | setup[7] << 8;
    uint8_t bytes[64] = {0};
#define ANSWER(source, count) return reply(to, 0, source, (count) < length ? (count) : length)
    enum { SET_CUR = 0x01, GET_CUR = 0x81, GET_MIN, GET_MAX, GET_RES, GET_LEN, GET_INFO, GET_DEF };
    if (type == 0x80 && code == 6) switch (value >> 8) {  // GET_DESCRIPTOR
        case 1: ANSWER(device, 18);
        case 2: ANSWER(configuration, configuration_length);
        case 3:
            if (!(value & 255)) ANSWER(((uint8_t[]){4, 3, 9, 4}), 4);
            return reply_string(to, (value & 255) == 1 ? "rig" : (value & 255) == 2 ? "Rig UVC Camera" : serial, length);
        default: return reply(to, -EPIPE, NULL, 0);
    }
    if ((type & 0x60) == 0) {  // other standard requests
        if (type == 1 && code == 11) left = 0;  // SET_INTERFACE ends a stream
        if (type & 0x80) ANSWER(bytes, 2);
        return reply(to, 0, NULL, 0);
    }
    int is_stream = (type & 0x1f) == 1 && (index & 255) == 1, selector = value >> 8;
    if (is_stream && (selector == 1 || selector == 2)) switch (code) {  // probe, commit
        case SET_CUR: {
            memcpy(bytes, data, length < 26 ? (size_t)length : 26);
            int format = bytes[2] >= 1 && bytes[2] <= format_count() ? bytes[2] : 1;
            uint32_t wanted = read32(bytes + 4), chosen = intervals[INTERVALS - 1];
            for (int i = INTERVALS - 1; i >= 0; i--)
                if (intervals[i] >= wanted) chosen = intervals[i];
            write_probe(format, chosen);
            if (selector == 2) left = frames = 0;
            return reply(to, 0, NULL, length);
        }
        case GET_CUR: case GET_MIN: case GET_MAX: case GET_DEF: ANSWER(probe, 26);
        case GET_INFO: bytes[0] = 3; ANSWER(bytes, 1);
        case GET_LEN: bytes[0] = 26; ANSWER(bytes, 2);
    }
    if ((type & 0x1f) == 1 && index == 0x200 && selector == 2) switch (code) {  // brightness
        case SET_CUR:
            memcpy(brightness, data, length < 2 ? (size_t)length : 2);
            printf("brightness %d\n", brightness[0]);
            fflush(stdout);
            return reply(to, 0, NULL, length);
        case GET_CUR: ANSWER(brightness, 2);
        case GET_MIN: ANSWER(bytes, 2);
        case GET_MAX: bytes[0] = 255; ANSWER(bytes, 2);
        case GET_RES: bytes[0] = 1; ANSWER(bytes, 2);
        case GET_DEF: bytes[0] = 128; ANSWER(bytes, 2);
        case GET_INFO: bytes[0] = 3; ANSWER(bytes, 1);
        case GET_LEN: bytes[0] = 2; ANSWER(bytes, 2);
    }
    reply(to, -EPIPE, NULL, 0);
}

// Pictures.

static int is_nth(int n) { return n && frames % n == 0; }

/// Called once a frame interval while somebody streams.
static void next_frame(void) {
    static uint8_t *damaged;
    if (left) return;  // the driver reads slower than pictures come
    const struct picture *picture = shows_jpeg() ? &jpegs[frames % jpeg_count] : &yuyvs[frames % yuyv_count];
    frames++;
    if (is_nth(skip)) return;
    toggle ^= 1;  // by which the driver tells frames apart
    error_bit = is_nth(errbit) ? 0x40 : 0;
    current = picture->bytes;
    left = picture->count;
    if (!is_nth(corrupt)) return;
    damaged = realloc(damaged, (size_t)picture->count);
    memcpy(damaged, picture->bytes, (size_t)picture->count);
    for (long i = picture->count / 3; i < picture->count / 3 + 2000 && i < picture->count - 2; i++) damaged[i] = (uint8_t)(0xff - (i & 1));
    current = damaged;
}

/// Gives the reads that wait what there is of a picture: two bytes of header, then payload.
static void feed(void) {
    static uint8_t payload[TRANSFER];
    while (left && waiting) {
        struct request *request = waiting;
        int room = (int)ntohl((uint32_t)request->message.submit.length);
        if (room > TRANSFER) room = TRANSFER;
        int count = room - 2 < left ? room - 2 : (int)left;
        payload[0] = 2;
        payload[1] = (uint8_t)(0x80 | toggle | error_bit | (count == left ? 2 : 0));
        memcpy(payload + 2, current, (size_t)count);
        current += count;
        left -= count;
        reply(&request->message, 0, payload, count + 2);
        waiting = request->next;
        if (!waiting) last = &waiting;
        free(request);
    }
}

/// The driver takes a read back.
static void forget(const struct message *order) {
    int is_found = 0;
    for (struct request **place = &waiting; *place; place = &(*place)->next) {
        if ((*place)->message.sequence != order->unlink.sequence) continue;
        struct request *request = *place;
        *place = request->next;
        if (!request->next) last = place;
        free(request);
        is_found = 1;
        break;
    }
    struct message answer = {.command = htonl(RET_UNLINK), .sequence = order->sequence};
    answer.reply.status = (int32_t)htonl((uint32_t)(is_found ? -ECONNRESET : 0));
    send_all(&answer, sizeof answer);
    if (!waiting) left = 0;
}

static void take_message(void) {
    static uint8_t data[65536];
    struct message message;
    if (!receive_all(&message, sizeof message)) exit(0);
    if (ntohl(message.command) == CMD_UNLINK) return forget(&message);
    message.direction = ntohl(message.direction);
    int length = (int)ntohl((uint32_t)message.submit.length);
    if (!message.direction && length > 0 && (length > (int)sizeof data || !receive_all(data, (size_t)length))) exit(0);
    if (ntohl(message.endpoint) == 0) return answer_control(&message, data);
    struct request *request = calloc(1, sizeof *request);
    request->message = message;
    *last = request;
    last = &request->next;
    feed();
}

// The program.

static void load(struct picture *pictures, int *count, const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file || *count == PICTURES) { perror(path); exit(3); }
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    pictures[*count].bytes = malloc((size_t)size);
    pictures[*count].count = size;
    if (fread(pictures[(*count)++].bytes, 1, (size_t)size, file) != (size_t)size) { perror(path); exit(3); }
    fclose(file);
}

static void read_arguments(int count, char **words) {
    struct { const char *name; int *number; } numbers[] = {
        {"--port", &port}, {"--corrupt", &corrupt}, {"--errbit", &errbit}, {"--skip", &skip}, {"--stall", &stall}, {"--unplug", &unplug}};
    int is_yuyv = 0;
    for (int i = 1; i < count; i++) {
        int *number = NULL;
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
            if (!strcmp(words[i], numbers[k].name)) number = numbers[k].number;
        if (number && i + 1 < count) *number = atoi(words[++i]);
        else if (!strcmp(words[i], "--size") && i + 1 < count) sscanf(words[++i], "%dx%d", &width, &height);
        else if (!strcmp(words[i], "--serial") && i + 1 < count) serial = words[++i];
        else if (!strcmp(words[i], "--")) is_yuyv = 1;
        else if (is_yuyv) load(yuyvs, &yuyv_count, words[i]);
        else load(jpegs, &jpeg_count, words[i]);
    }
    if (width <= 0 || height <= 0 || !format_count()) { fputs("uvcsim --size WxH [FAULT…] [JPEG…] [-- YUYV…]\n", stderr); exit(2); }
}

static void plug_in(void) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) { perror("socketpair"); exit(1); }
    wire = ends[0];
    int attach = open("/sys/devices/platform/vhci_hcd.0/attach", O_WRONLY);
    char line[64];
    int count = snprintf(line, sizeof line, "%d %d %d %d", port, ends[1], 0x10002 + port, SPEED_HIGH);
    if (attach < 0 || write(attach, line, (size_t)count) != count) { perror("uvcsim: attaching"); exit(1); }
    close(attach);
    close(ends[1]);
}

static int64_t microseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

int main(int count, char **words) {
    read_arguments(count, words);
    describe();
    plug_in();
    int64_t due = 0;
    for (;;) {
        int64_t now = microseconds(), interval = read32(probe + 4) / 10;
        if (!waiting && !left) {
            due = now + interval;  // nobody streams
        } else if (now >= due) {
            if (unplug && frames >= unplug && !left) return 0;
            if (!stall || frames < stall) next_frame();
            due = due + interval < now ? now + interval : due + interval;
            feed();
        }
        int64_t pause = (due - now) / 1000;
        struct pollfd ready = {wire, POLLIN, 0};
        if (poll(&ready, 1, pause < 1 ? 1 : pause > 1000 ? 1000 : (int)pause) > 0) take_message();
    }
}
