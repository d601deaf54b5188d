import Synchronization
import Testing
import WireModel

@testable import HubAccess

/// As little as libsodium allows, so that the suite stays quick.
private let small = PasswordParameters(memoryKiB: 64, passes: 1)

@Suite("Password hashes")
struct PasswordHasherTests {
    @Test("a password verifies against its own hash and nothing else does")
    func verifies() async throws {
        let hasher = PasswordHasher()
        let hash: String = try await hasher.hash("correct horse battery")
        #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(try await hasher.hash("correct horse battery") != hash)
        #expect(await hasher.verify("correct horse battery", against: hash) == .right)
        #expect(await hasher.verify("correct horse batterz", against: hash) == .wrong)
        #expect(await hasher.verify("", against: hash) == .wrong)
    }

    @Test("a hash of other parameters still verifies, and says that it is outdated")
    func upgrade() async throws {
        let old: String = try await PasswordHasher(parameters: small).hash("correct horse battery")
        let today = PasswordHasher(parameters: PasswordParameters(memoryKiB: 128, passes: 2))
        #expect(await today.verify("correct horse battery", against: old) == .rightButOutdated)
        #expect(await today.verify("wrong horse battery", against: old) == .wrong)
        let new: String = try await today.hash("correct horse battery")
        #expect(await today.verify("correct horse battery", against: new) == .right)
    }

    @Test("one password is one password however its letters are composed")
    func normalised() async throws {
        let hasher = PasswordHasher(parameters: small)
        let hash: String = try await hasher.hash("gr\u{FC}ne \u{FF21}pfelb\u{E4}ume")
        #expect(await hasher.verify("gru\u{308}ne Apfelba\u{308}ume", against: hash) == .right)
        #expect(await hasher.verify("grune Apfelbaume", against: hash) == .wrong)
    }

    @Test("a password with a zero byte is not cut off there")
    func zeroByte() async throws {
        let hasher = PasswordHasher(parameters: small)
        let hash: String = try await hasher.hash("correct\u{0}horse")
        #expect(await hasher.verify("correct\u{0}horse", against: hash) == .right)
        #expect(await hasher.verify("correct", against: hash) == .wrong)
    }

    @Test("nobody, nonsense and an endless password are wrong")
    func wrong() async throws {
        let hasher = PasswordHasher(parameters: small)
        let hash: String = try await hasher.hash("correct horse battery")
        for absent in [nil, "", "x", "$argon2id$", "$argon2id$v=19$m=64,t=1,p=1$AAAA", hash + "\u{0}", String(repeating: "$argon2id$", count: 100)] {
            #expect(await hasher.verify("correct horse battery", against: absent) == .wrong)
        }
        #expect(await hasher.verify(String(repeating: "x", count: 100_000), against: hash) == .wrong)
    }

    @Test("the decoy is a hash of today's parameters, another at each start, so that verifying it is the same work")
    func decoy() async throws {
        let decoy: String = PasswordHasher.decoy(small)
        let real: String = try await PasswordHasher(parameters: small).hash("correct horse battery")
        #expect(decoy != PasswordHasher.decoy(small))
        #expect(decoy.split(separator: "$").prefix(3) == real.split(separator: "$").prefix(3))
        #expect(decoy.split(separator: "$").map(\.utf8.count) == real.split(separator: "$").map(\.utf8.count))
        // The library takes it for a hash it would have to compute in full, not for one that it refuses by its form.
        #expect(PasswordHasher.isCurrent(decoy, small))
        #expect(await PasswordHasher(parameters: small).verify("", against: decoy) == .wrong)
    }

    @Test("at most as many jobs run at once as there are lanes, first come first served")
    func lanes() async {
        struct Seen: Sendable { var running: Int = 0, most: Int = 0, order: [Int] = [] }
        let seen = Guarded(Seen())
        let lanes = BlockingLanes(label: "test", width: 2)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    await lanes.run {
                        seen.withLock {
                            $0.running += 1; $0.most = max($0.most, $0.running)
                        }
                        seen.withLock { $0.running -= 1 }
                    }
                }
            }
        }
        #expect(seen.withLock { $0.running } == 0)
        #expect(1...2 ~= seen.withLock { $0.most })

        let one = BlockingLanes(label: "test", width: 1)
        let started = Guarded(false)
        let release = Guarded(false)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await one.run {
                    started.withLock { $0 = true }; while !release.withLock({ $0 }) {}
                }
            }
            while !started.withLock({ $0 }) { await Task.yield() }
            for number in 0..<20 {
                group.addTask { await one.run { seen.withLock { $0.order.append(number) } } }
                while one.waiting != number + 1 { await Task.yield() }
            }
            release.withLock { $0 = true }
        }
        #expect(seen.withLock { $0.order } == Array(0..<20))
    }
}

@Suite("Password policy")
struct PasswordPolicyTests {
    @Test(
        "refuses what attackers try first",
        arguments: [
            "", "brief", "ninechars", "aaaaaaaaaa", "1111111111", "abcabcabcabc", "1212121212", "ababababab", "xyxyxyxyxyx", "abcdefghij", "jihgfedcba",
            "1234567890", "0987654321", "9876543210", "qwertyuiop", "poiuytrewq", "qwertzuiop", "1qaz2wsx3edc", "1q2w3e4r5t", "Password123!", "PASSWORD2026",
            "password123", "passwort1234", "Willkommen1!", "welcome12345", "Vultus2026!!", "Sunshine1!", "P@ssw0rd123", "correcthorsebatterystaple",
            "p\u{FF41}ssword123", "anna.berg@example.com", "Anna.Berg@Example.com", "anna.berg1", "Anna.Berg2026", "anna.berg!!!", "Acme Holding",
            "acmeholding",
            "acmeholding1", "AcmeHolding99", "йцукенгшщз", "éééééééééé", "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
        ])
    func refused(_ password: String) throws {
        let problem: Problem = try #require(throws: Problem.self) {
            try PasswordPolicy.check(password, email: "anna.berg@example.com", name: "Acme Holding")
        }
        #expect(problem.code == .passwordWeak)
        #expect(password.isEmpty || !"\(problem.title) \(problem.detail) \(problem.remedy)".contains(password))
    }

    @Test(
        "accepts what is neither short nor common, whatever it is made of",
        arguments: [
            "correct horse battery", "zwölf grüne äpfel", "密码是一个很长的句子", "tq8vxk2mzp", "rainy-tuesday-otter", "          a          b",
            "password is a poor word",
            "anna.berg likes tea", "73915820464", "🦊🐙🦉🐝🦋🐢🦀🐌🦔🐧", String(repeating: "wxyz1a", count: 42) + "abcd",
        ])
    func accepted(_ password: String) throws {
        try PasswordPolicy.check(password, email: "anna.berg@example.com", name: "Acme Holding")
    }

    @Test("counts code points: 10 to 256")
    func length() {
        let long: String = String((0..<256).map { "kqzjxv7"[String.Index(utf16Offset: $0 * $0 % 7, in: "kqzjxv7")] })
        #expect(throws: Never.self) { try PasswordPolicy.check(long, email: "", name: "") }
        #expect(throws: Problem.self) { try PasswordPolicy.check(long + "a", email: "", name: "") }
        #expect(throws: Problem.self) { try PasswordPolicy.check("tq8vxk2mz", email: "", name: "") }
    }

    @Test("an empty address and name refuse nothing")
    func empty() throws {
        try PasswordPolicy.check("tq8vxk2mzp", email: "", name: "")
    }

    @Test("the list of common passwords is in lower case and has no doubles")
    func common() {
        let words: [Substring] = (CommonPasswords.words + "\n" + CommonPasswords.long).split(whereSeparator: \.isWhitespace)
        #expect(words.count >= 200)
        #expect(words.allSatisfy { $0 == $0.lowercased() })
        #expect(Set(words).count == words.count, "\(Dictionary(grouping: words) { $0 }.filter { $0.value.count > 1 }.keys)")
        #expect(CommonPasswords.long.split(whereSeparator: \.isWhitespace).allSatisfy { $0.count >= 10 })
    }
}

/// A value behind a lock that closures may share.
private final class Guarded<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) { mutex = Mutex(value) }

    func withLock<Answer: Sendable>(_ body: (inout Value) -> Answer) -> Answer {
        mutex.withLock { value in
            body(&value)
        }
    }
}
