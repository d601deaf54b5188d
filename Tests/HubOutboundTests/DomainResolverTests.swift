import Foundation
import HubOutbound
import Testing
import WireModel

/// dnsmasq with a few records.
struct DNSPeer {
    let port: UInt16
    private let peer: Peer

    static let long: [String] = (0..<8).map { "\($0)" + String(repeating: "x", count: 240) }

    init() throws {
        // dnsmasq takes no port of the system's choice: find one that is free, and try again when somebody is faster.
        for attempt in 0... {
            let port = UInt16.random(in: 20_000..<30_000)
            do {
                let records: [String] =
                    ["one.proof.test,vultus-domain=abc", "joined.proof.test,vultus-domain=,abc,证明", "two.proof.test,first", "two.proof.test,second"]
                    + Self.long.map { "long.proof.test,\($0)" }
                peer = try Peer(
                    Peer.dnsmasq,
                    ["--no-daemon", "--conf-file=/dev/null", "--pid-file", "--no-resolv", "--no-hosts", "--bind-interfaces", "--user=\(NSUserName())"]
                        + ["--listen-address=127.0.0.1,::1", "--port=\(port)", "--local=/test/", "--host-record=host.proof.test,192.0.2.1"]
                        + records.map { "--txt-record=" + $0 }, sign: "started", listeningTo: 2)
                self.port = port
                return
            } catch  where attempt < 5 {
                continue
            }
        }
        fatalError("the loop has no end")
    }

    func resolver(at address: String = "127.0.0.1") throws -> SystemDomainResolver {
        try withExtendedLifetime(peer) { try SystemDomainResolver(dnsServer: "\(address):\(port)", dnsTimeout: .seconds(1)) }
    }
}

@Suite("TXT records", .enabled(if: Peer.hasDNS))
struct TextRecordTests {
    @Test("records are found, strings joined, absence is no error") func found() async throws {
        let peer = try DNSPeer()
        for address in ["127.0.0.1", "[::1]"] {
            let resolver: SystemDomainResolver = try peer.resolver(at: address)
            #expect(try await resolver.texts(at: "one.proof.test") == ["vultus-domain=abc"])
            #expect(try await resolver.texts(at: "ONE.proof.test.") == ["vultus-domain=abc"])
            #expect(try await resolver.texts(at: "joined.proof.test") == ["vultus-domain=abc证明"])
            #expect(try await Set(resolver.texts(at: "two.proof.test")) == ["first", "second"])
            #expect(try await resolver.texts(at: "nobody.proof.test") == [])
            #expect(try await resolver.texts(at: "host.proof.test") == [])
        }
    }

    @Test("an answer too long for a datagram comes over TCP") func truncated() async throws {
        let peer = try DNSPeer()
        let texts: [String] = try await peer.resolver().texts(at: "long.proof.test")
        #expect(Set(texts) == Set(DNSPeer.long))
    }

    @Test("many at once, each from a thread of its own") func concurrent() async throws {
        let peer = try DNSPeer()
        try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<8 {
                let resolver: SystemDomainResolver = try peer.resolver()
                for _ in 0..<25 { group.addTask { try await resolver.texts(at: "one.proof.test") } }
            }
            for try await texts in group { #expect(texts == ["vultus-domain=abc"]) }
        }
    }

    @Test("a server that refuses is an error") func refused() async throws {
        let peer = try DNSPeer()
        await #expect(throws: DomainResolverError.self) { try await peer.resolver().texts(at: "example.com") }
    }
}

extension SystemDomainResolver {
    /// Measured on its own thread: what waits for a turn on the processor, among tests in parallel, is this one and not the resolver.
    fileprivate func timed(_ name: String) async -> (error: DomainResolverError?, took: Duration) {
        let start = ContinuousClock.now
        do throws(DomainResolverError) {
            _ = try await texts(at: name)
            return (nil, .now - start)
        } catch {
            return (error, .now - start)
        }
    }
}

@Suite("TXT records without a server")
struct SilentServerTests {
    @Test("nobody there, or nobody who answers, is an error in bounded time", arguments: [false, true])
    func silent(isOpen: Bool) async throws {
        let descriptor: CInt = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound: CInt = withUnsafeMutableBytes(of: &address) {
            let pointer = $0.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            return bind(descriptor, pointer, size) == 0 ? getsockname(descriptor, pointer, &size) : -1
        }
        try #require(bound == 0)
        if !isOpen { close(descriptor) }
        defer { if isOpen { close(descriptor) } }
        let resolver = try SystemDomainResolver(dnsServer: "127.0.0.1:\(UInt16(bigEndian: address.sin_port))", dnsTimeout: .seconds(1))
        let (error, took) = await resolver.timed("one.proof.test")
        guard case .transient? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(took < .seconds(5))
    }

    @Test(
        "what is no name is not asked", arguments: ["", ".", "a..test", "a b.test", "x/../y.test", "例子.test", "a@b.test", "a.test:1", "[::1]", "a\u{0}b.test"])
    func name(text: String) async throws {
        let resolver = try SystemDomainResolver(dnsServer: "127.0.0.1:1")
        await #expect(throws: DomainResolverError.badName) { try await resolver.texts(at: text) }
        await #expect(throws: DomainResolverError.badName) { try await resolver.wellKnownFile(of: text) }
    }

    @Test("what is no server's address is refused", arguments: ["", "dns.test", "127.0.0.1:0", "127.0.0.1:x", "127.0.0.1:99999", "[::1", "[::1]x", "::1]:53"])
    func server(text: String) {
        #expect(throws: Problem.self) { try SystemDomainResolver(dnsServer: text) }
    }
}

@Suite("Well-known files")
struct WellKnownFileTests {
    /// Asks a server that gives one kind of answer.
    /// - Returns: the text, or why there is none; and the paths the server was asked for.
    private func ask(
        _ answer: String, of domain: String = "localhost", allowPrivate: Bool = true, isTrusted: Bool = true
    ) async throws -> (Result<String, DomainResolverError>, asked: [String]) {
        let (authority, folder) = (try Authority(), try Folder())
        let peer = try Peer(
            Peer.python, [Peer.scripts + "https_peer.py", "--record", folder.file("record"), "--certificate", authority.server, "--answer", answer])
        let resolver = try SystemDomainResolver(
            allowPrivateAddresses: allowPrivate, caFile: isTrusted ? authority.caFile : nil, httpsPort: Int(peer.greeting)!)
        let result: Result<String, DomainResolverError>
        do {
            result = .success(try await resolver.wellKnownFile(of: domain))
        } catch {
            result = .failure(error)
        }
        return withExtendedLifetime(peer) { (result, folder.lines("record")) }
    }

    private static let path: String = "/.well-known/vultus-domain.txt"

    @Test("the file is read, up to 4 KiB") func found() async throws {
        for (answer, text) in [("proof", "vultus-domain=证明\n"), ("full", String(repeating: "x", count: 4096))] {
            let (result, asked) = try await ask(answer)
            #expect(result == .success(text))
            #expect(asked == [Self.path])
        }
    }

    @Test(
        "what is not the file is refused, and no redirect is followed",
        arguments: [
            ("redirect", DomainResolverError.unexpectedStatus(302)), ("missing", .unexpectedStatus(404)), ("large", .tooLarge(limit: 4096)),
            ("binary", .notText),
        ])
    func refused(answer: String, error: DomainResolverError) async throws {
        let (result, asked) = try await ask(answer)
        #expect(result == .failure(error))
        #expect(asked == [Self.path])
    }

    @Test("a domain that points at this machine is not asked", arguments: ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0"])
    func forbidden(domain: String) async throws {
        let (result, asked) = try await ask("proof", of: domain, allowPrivate: false)
        guard case .failure(.forbiddenAddress) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(asked.isEmpty)
    }

    @Test("a certificate of an unknown authority is refused") func untrusted() async throws {
        let (result, asked) = try await ask("proof", isTrusted: false)
        guard case .failure(.untrusted) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(asked.isEmpty)
    }
}
