import Glibc
import WireModel

/// An exclusive lock between processes (`flock(2)`), gone with the process that held it.
package struct FileLock {
    private let descriptor: CInt

    /// Waits until the lock is free.
    package init(_ path: String) throws(Problem) {
        let descriptor: CInt = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Problem(
                .storeUnavailable, "Vultus cannot make its lock file.", detail: "\(path): \(String(cString: strerror(errno)))",
                remedy: "Check that the directory exists and that this user may write to it.")
        }
        while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
        self.descriptor = descriptor
    }

    package func release() { close(descriptor) }
}
