import Glibc

/// Processor time, which a busy machine does not lengthen.
package enum ThreadTime {
    /// What the calling thread has used so far.
    package static let now: @Sendable () -> Duration = {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
