// Faults at system calls of a real program: preloaded (LD_PRELOAD), it counts the calls by which the program changes its
// data directory or sends to a socket, and at one of them kills the process or makes the call fail.
//
//   VULTUS_FAULT_DATA     the directory whose files are watched; a path without a link in it
//   VULTUS_FAULT_CONTROL  a file of 4096 bytes, mapped and shared with the test: struct control below
//   VULTUS_FAULT_NO_ROOM  when set, file systems have no byte free for the program that asks
//   VULTUS_FAULT_LOG      where each counted call is noted when the control says so: number, class, kind of file, site
//
// What does not pass here: changes of mapped memory (SQLite's -shm index, which it rebuilds after a crash), and writes that
// the C library makes inside itself (stdio), which no Vultus program uses for its data.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum class { WRITE = 1, SYNC = 2, SHAPE = 4, SEND = 8 };
enum action { NOTHING = 0, KILL_BEFORE = 1, KILL_HALFWAY = 2, KILL_AFTER = 3, FAIL = 4 };

struct control {
    uint64_t magic;
    uint64_t classes;         // those that are counted
    uint64_t at;              // the count at which something happens; 0 is never
    uint64_t action;
    uint64_t cause;           // errno of FAIL
    uint64_t lasting;         // FAIL from then on
    _Atomic uint64_t count;
    _Atomic uint64_t fired;
    uint64_t logs;
    uint64_t drops_sync;      // planted: fsync and fdatasync of watched files do nothing and succeed
};

static struct control *control;
static char root[PATH_MAX];
static size_t root_length;
static int log_descriptor = -1;
// A call made while one is being looked at (backtrace may allocate and load) is none of the program's.
static __thread int inside;

__attribute__((constructor)) static void begin(void) {
    const char *data = getenv("VULTUS_FAULT_DATA"), *path = getenv("VULTUS_FAULT_CONTROL"), *notes = getenv("VULTUS_FAULT_LOG");
    if (!data || !path) return;
    root_length = strlen(data);
    if (root_length >= sizeof root) return;
    memcpy(root, data, root_length + 1);
    int descriptor = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return;
    void *mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    syscall(SYS_close, descriptor);
    if (mapped == MAP_FAILED) return;
    if (notes) log_descriptor = (int)syscall(SYS_openat, AT_FDCWD, notes, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    void *warm[2];
    backtrace(warm, 2);  // loads the unwinder now, not in the middle of a call
    control = mapped;
}

static int is_watched_path(const char *path) {
    char whole[PATH_MAX];
    if (path[0] != '/') {
        ssize_t length = readlink("/proc/self/cwd", whole, sizeof whole / 2);
        if (length < 0 || strlen(path) >= sizeof whole / 2) return 0;
        snprintf(whole + length, sizeof whole - (size_t)length, "/%s", path);
        path = whole;
    }
    return strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

static const char *kind_of_path(const char *path) {
    static const char *const endings[] = {"-wal", "-shm", "-journal", ".sqlite", ".key", ".pem"};
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t own = strlen(endings[i]);
        if (length >= own && strcmp(path + length - own, endings[i]) == 0) return endings[i];
    }
    return "other";
}

// The class of a write to `descriptor`, 0 when it is not watched.
static int look(int descriptor, char path[PATH_MAX]) {
    struct stat status;
    if (fstat(descriptor, &status) != 0) return 0;
    if (S_ISSOCK(status.st_mode)) return strcpy(path, "socket"), SEND;
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) return 0;
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(name, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_watched_path(path) ? WRITE : 0;
}

// The stack as a number that is the same in every run, wherever the libraries were loaded.
static uint64_t site(void) {
    void *frames[24];
    uint64_t hash = 1469598103934665603u;
    int count = backtrace(frames, 24);
    for (int i = 3; i < count; i++) {
        Dl_info where;
        uint64_t offset = dladdr(frames[i], &where) && where.dli_fbase ? (uint64_t)frames[i] - (uint64_t)where.dli_fbase : 0;
        hash = (hash ^ offset) * 1099511628211u;
    }
    return hash;
}

static void die(void) {
    syscall(SYS_kill, (pid_t)syscall(SYS_getpid), SIGKILL);
    for (;;) syscall(SYS_pause);
}

// Counts one call. Returns what is to happen at it.
__attribute__((noinline)) static enum action meet(enum class class, const char *path) {
    if (!(control->classes & class)) return NOTHING;
    uint64_t number = atomic_fetch_add(&control->count, 1) + 1;
    if (control->logs && log_descriptor >= 0) {
        static const char *const names[] = {[WRITE] = "write", [SYNC] = "sync", [SHAPE] = "shape", [SEND] = "send"};
        char line[128];
        int length = snprintf(line, sizeof line, "%llu %s %s %016llx\n", (unsigned long long)number, names[class], kind_of_path(path),
                              (unsigned long long)site());
        syscall(SYS_write, log_descriptor, line, (size_t)length);
    }
    if (!control->at || number < control->at || (number > control->at && !(control->lasting && control->action == FAIL))) return NOTHING;
    atomic_fetch_add(&control->fired, 1);
    if (control->action == KILL_BEFORE) die();
    return (enum action)control->action;
}

// The frame that every interposed call has: `LOOK` finds class and path; `HALF` is what is done half-way.
#define MEET(result_type, LOOK, HALF, REAL)                          \
    if (control && !inside) {                                        \
        int cause = errno, class;                                    \
        char path[PATH_MAX];                                         \
        inside = 1;                                                  \
        class = (LOOK);                                              \
        enum action action = class ? meet((enum class)class, path) : NOTHING; \
        inside = 0;                                                  \
        errno = cause;                                               \
        if (action == FAIL) return errno = (int)control->cause, (result_type)-1; \
        if (action == KILL_HALFWAY) { HALF; die(); }                 \
        if (action == KILL_AFTER) { (void)(REAL); die(); }           \
    }                                                                \
    return REAL

#define RAW(...) syscall_result(syscall(__VA_ARGS__))
static long syscall_result(long value) { return value; }

ssize_t write(int fd, const void *bytes, size_t count) {
    MEET(ssize_t, look(fd, path), RAW(SYS_write, fd, bytes, count / 2), RAW(SYS_write, fd, bytes, count));
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    MEET(ssize_t, look(fd, path), RAW(SYS_pwrite64, fd, bytes, count / 2, offset), RAW(SYS_pwrite64, fd, bytes, count, offset));
}
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) { return pwrite64(fd, bytes, count, offset); }

// Half of a vector is its first half of parts, or half of its only one.
static void write_half(int fd, const struct iovec *parts, int count) {
    if (count > 1) RAW(SYS_writev, fd, parts, count / 2);
    else if (count == 1) RAW(SYS_write, fd, parts[0].iov_base, parts[0].iov_len / 2);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    MEET(ssize_t, look(fd, path), write_half(fd, parts, count), RAW(SYS_writev, fd, parts, count));
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
    MEET(ssize_t, look(fd, path), RAW(SYS_pwritev, fd, parts, count / 2, offset, 0), RAW(SYS_pwritev, fd, parts, count, offset, 0));
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) { return pwritev64(fd, parts, count, offset); }

ssize_t send(int fd, const void *bytes, size_t count, int flags) {
    MEET(ssize_t, look(fd, path), RAW(SYS_sendto, fd, bytes, count / 2, flags, NULL, 0), RAW(SYS_sendto, fd, bytes, count, flags, NULL, 0));
}

ssize_t sendto(int fd, const void *bytes, size_t count, int flags, const struct sockaddr *to, socklen_t length) {
    MEET(ssize_t, look(fd, path), RAW(SYS_sendto, fd, bytes, count / 2, flags, to, length), RAW(SYS_sendto, fd, bytes, count, flags, to, length));
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    MEET(ssize_t, look(fd, path), write_half(fd, message->msg_iov, (int)message->msg_iovlen), RAW(SYS_sendmsg, fd, message, flags));
}

static int drops(int fd) {
    char path[PATH_MAX];
    return control && control->drops_sync && look(fd, path) == WRITE;
}

int fsync(int fd) {
    if (drops(fd)) return 0;
    MEET(int, look(fd, path) == WRITE ? SYNC : 0, (void)0, (int)RAW(SYS_fsync, fd));
}

int fdatasync(int fd) {
    if (drops(fd)) return 0;
    MEET(int, look(fd, path) == WRITE ? SYNC : 0, (void)0, (int)RAW(SYS_fdatasync, fd));
}

int ftruncate64(int fd, off64_t length) {
    MEET(int, look(fd, path) == WRITE ? SHAPE : 0, (void)0, (int)RAW(SYS_ftruncate, fd, length));
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int fill(int result, struct statvfs *status) {
    if (!result && getenv("VULTUS_FAULT_NO_ROOM")) status->f_bavail = 0;
    return result;
}
int statvfs(const char *path, struct statvfs *status) {
    return fill(((int (*)(const char *, struct statvfs *))dlsym(RTLD_NEXT, "statvfs"))(path, status), status);
}
int statvfs64(const char *path, struct statvfs64 *status) { return statvfs(path, (struct statvfs *)status); }

static int shape_of(const char *name, char path[PATH_MAX]) {
    snprintf(path, PATH_MAX, "%s", name);
    return is_watched_path(name) ? SHAPE : 0;
}

int unlinkat(int directory, const char *name, int flags) {
    MEET(int, shape_of(name, path), (void)0, (int)RAW(SYS_unlinkat, directory, name, flags));
}
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }

int renameat(int from, const char *name, int to, const char *target) {
    MEET(int, shape_of(target, path), (void)0, (int)RAW(SYS_renameat2, from, name, to, target, 0));
}
int rename(const char *name, const char *target) { return renameat(AT_FDCWD, name, AT_FDCWD, target); }

int mkdirat(int directory, const char *name, mode_t mode) {
    MEET(int, faccessat(directory, name, F_OK, 0) != 0 ? shape_of(name, path) : 0, (void)0, (int)RAW(SYS_mkdirat, directory, name, mode));
}
int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }

static int open_file(int directory, const char *name, int flags, mode_t mode) {
    MEET(int, (flags & O_CREAT) && faccessat(directory, name, F_OK, 0) != 0 ? shape_of(name, path) : 0, (void)0,
         (int)RAW(SYS_openat, directory, name, flags, mode));
}

#define OPENS(NAME, FIRST, DIRECTORY, MORE)                            \
    int NAME(FIRST const char *name, int flags, ...) {                 \
        mode_t mode = 0;                                               \
        if (flags & (O_CREAT | O_TMPFILE)) {                           \
            va_list rest;                                              \
            va_start(rest, flags);                                     \
            mode = va_arg(rest, mode_t);                               \
            va_end(rest);                                              \
        }                                                              \
        return open_file(DIRECTORY, name, flags | MORE, mode);         \
    }
#define NONE
#define FOLDER int directory,
OPENS(open, NONE, AT_FDCWD, 0)
OPENS(open64, NONE, AT_FDCWD, O_LARGEFILE)
OPENS(openat, FOLDER, directory, 0)
OPENS(openat64, FOLDER, directory, O_LARGEFILE)
