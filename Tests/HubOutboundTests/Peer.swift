import Foundation

/// A program in a process of its own. Plain POSIX: Foundation's `Process` waits on run loops, which tests in parallel starve.
final class Child {
    private static let spawning = NSLock()

    private let pid: pid_t
    private let output: CInt
    private var isOver: Bool = false

    /// - Parameter listeningTo: the stream that `read` gives, 1 or 2; the other goes nowhere.
    init(_ program: String, _ arguments: [String], input: String = "/dev/null", listeningTo stream: CInt = 1) throws {
        var ends: [CInt] = [0, 0]
        // Close-on-exec, and no other child begun in between: one that held the writing end would keep `read` waiting for ever.
        Self.spawning.lock()
        defer { Self.spawning.unlock() }
        guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else { throw Failed(program: program, said: "no pipe") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 3 - stream, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], stream)
        let environment: [String: String] = ProcessInfo.processInfo.environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        var settings: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in words + settings { free(text) } }
        var child: pid_t = 0
        let fault: CInt = posix_spawn(&child, program, &actions, nil, &words, &settings)
        close(ends[1])
        guard fault == 0 else {
            close(ends[0])
            throw Failed(program: program, said: String(cString: strerror(fault)))
        }
        pid = child
        output = ends[0]
    }

    /// - Returns: some bytes; none at the end.
    func read() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count: Int = Glibc.read(output, &buffer, buffer.count)
        return Array(buffer.prefix(max(0, count)))
    }

    /// - Returns: whether it ended well.
    func wait() -> Bool {
        var status: CInt = 0
        waitpid(pid, &status, 0)
        isOver = true
        return status == 0
    }

    deinit {
        if !isOver {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
        close(output)
    }

    struct Failed: Error {
        let program: String
        let said: String
    }
}

/// A real server in a process of its own, ended with this object.
final class Peer {
    /// The line it said when it was ready.
    let greeting: String
    private let child: Child

    /// Starts it and waits for a line that has `sign`.
    init(_ program: String, _ arguments: [String], sign: String = "", listeningTo stream: CInt = 1) throws {
        child = try Child(program, arguments, listeningTo: stream)
        var said: [UInt8] = []
        while true {
            let part: [UInt8] = child.read()
            if part.isEmpty { throw Child.Failed(program: program, said: String(decoding: said, as: UTF8.self)) }
            said += part
            let lines: [Substring] = String(decoding: said, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            if let line = lines.first(where: { sign.isEmpty || $0.contains(sign) }) {
                greeting = String(line)
                return
            }
        }
    }
}

extension Peer {
    /// Debian's packages are for Debian's Python.
    static let python: String = "/usr/bin/python3"
    static let scripts: String = URL(filePath: #filePath).deletingLastPathComponent().path + "/Peers/"

    static let hasSMTP: Bool = has("python3-aiosmtpd", (try? output(of: python, ["-c", "import aiosmtpd"])) != nil)
    static let dnsmasq: String = ["/usr/sbin/dnsmasq", "/usr/bin/dnsmasq"].first { FileManager.default.isExecutableFile(atPath: $0) } ?? ""
    static let hasDNS: Bool = has("dnsmasq-base", !dnsmasq.isEmpty)

    private static func has(_ package: String, _ found: Bool) -> Bool {
        if !found { print("NOTICE: \(package) is not installed: tests skipped (deploy/setup --tests installs it)") }
        return found
    }

    /// Runs a program to its end.
    static func output(of program: String, _ arguments: [String], input: String = "/dev/null") throws -> Data {
        let child = try Child(program, arguments, input: input)
        var said = Data()
        while true {
            let part: [UInt8] = child.read()
            if part.isEmpty { break }
            said += part
        }
        guard child.wait() else { throw Child.Failed(program: program, said: String(decoding: said, as: UTF8.self)) }
        return said
    }
}

/// A folder, gone with this object.
final class Folder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "vultus-outbound-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    /// The lines of a file; none when it is not there.
    func lines(_ name: String) -> [String] {
        guard let text = try? String(contentsOfFile: file(name), encoding: .utf8) else { return [] }
        return text.split(separator: "\n").map(String.init)
    }
}

/// An authority of openssl's making, and a certificate for localhost under it.
struct Authority {
    private let folder: Folder

    /// PEM of the authority.
    var caFile: String { folder.file("ca.pem") }
    /// PEM of the server's certificate and key.
    var server: String { folder.file("server.pem") }

    init() throws {
        folder = try Folder()
        let configuration = """
            [req]
            distinguished_name = name
            [name]
            [ca]
            basicConstraints = critical,CA:TRUE
            subjectKeyIdentifier = hash
            [server]
            basicConstraints = critical,CA:FALSE
            subjectAltName = DNS:localhost,IP:127.0.0.1
            """
        try configuration.write(toFile: folder.file("openssl.cnf"), atomically: true, encoding: .utf8)
        func make(_ section: String, name: String, _ more: [String]) throws {
            _ = try Peer.output(
                of: "/usr/bin/openssl",
                [
                    "req", "-x509", "-config", folder.file("openssl.cnf"), "-extensions", section, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes",
                ]
                    + ["-days", "2", "-subj", "/CN=\(name)", "-keyout", folder.file(section + ".key"), "-out", folder.file(section + ".crt")] + more)
        }
        try make("ca", name: "Vultus test authority \(UUID().uuidString)", [])
        try make("server", name: "localhost", ["-CA", folder.file("ca.crt"), "-CAkey", folder.file("ca.key")])
        try Data(contentsOf: URL(filePath: folder.file("ca.crt"))).write(to: URL(filePath: caFile))
        let (certificate, key) = (
            try Data(contentsOf: URL(filePath: folder.file("server.crt"))), try Data(contentsOf: URL(filePath: folder.file("server.key")))
        )
        try (certificate + key).write(to: URL(filePath: server))
    }
}
