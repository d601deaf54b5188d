import Crypto
import Testing
import WireModel

private let device = DeviceID(rawValue: "dev_" + String(repeating: "0", count: 31) + "1")!
private let other = DeviceID(rawValue: "dev_" + String(repeating: "0", count: 31) + "2")!

private func entry(
    seq: Int64 = 1, units: Int64 = 1, body: String = "{}", time: Int64 = 5, boot: Int64 = 6, kind: EntryKind = .decision, api: APIName? = .search,
    previous: EntryHash = .genesis, lease: LeaseID? = nil, epoch: Int64 = 1
) -> JournalEntry {
    JournalEntry(
        device: device, epoch: epoch, seq: seq, kind: kind, api: api, units: units, lease: lease, time: Timestamp(milliseconds: time), bootMilliseconds: boot,
        body: body, previous: previous)
}

@Suite("Journal entries")
struct JournalEntryTests {
    @Test("the hash covers every field and the device")
    func hashCoversEverything() {
        let original = entry()
        #expect(original.isIntact(for: device))
        #expect(!original.isIntact(for: other))
        let changed: [JournalEntry] = [
            entry(seq: 2), entry(units: 2), entry(body: "{} "), entry(time: 6), entry(boot: 7), entry(kind: .erasure), entry(api: .compare), entry(api: nil),
            entry(previous: original.hash), entry(lease: LeaseID(at: Timestamp(milliseconds: 1))), entry(epoch: 2),
        ]
        #expect(Set(changed.map(\.hash)).union([original.hash]).count == changed.count + 1)
    }

    @Test("an entry keeps its hash on the way through JSON, and a changed one shows")
    func roundTrip() throws {
        let original = entry(body: "{\"ü\":\"\\u0000/\"}")
        let text: String = try JSON.text(original)
        #expect(try JSON.value(JournalEntry.self, from: text) == original)
        let forged = try JSON.value(JournalEntry.self, from: text.replacing("\"units\":1", with: "\"units\":0"))
        #expect(!forged.isIntact(for: device))
    }
}

@Suite("Leases")
struct LeaseTests {
    private let key = Curve25519.Signing.PrivateKey()

    private func lease() -> Lease {
        let now = Timestamp(milliseconds: 1_790_000_000_000)
        return Lease(
            id: LeaseID(at: now), number: 1, account: AccountID(at: now), device: device, api: .search, keyThumbprint: "ab", journalEpoch: 1, hubEpoch: 1,
            units: 5,
            ceiling: 5, notBefore: now, notAfter: now.advanced(by: .seconds(60)), whenExhausted: .refuse, hardLimit: 0)
    }

    @Test("a lease opens with the hub's key, unchanged, and with nothing else")
    func signature() throws {
        let signed = try SignedLease(lease(), signedBy: key)
        #expect(signed.open(with: key.publicKey)?.ceiling == 5)
        #expect(signed.open(with: Curve25519.Signing.PrivateKey().publicKey) == nil)
        let raised = SignedLease(payload: signed.payload.replacing("\"ceiling\":5", with: "\"ceiling\":500"), signature: signed.signature)
        #expect(raised.payload != signed.payload)
        #expect(raised.open(with: key.publicKey) == nil)
    }
}

@Suite("Values on the wire")
struct ValueTests {
    @Test("identifiers sort by time, keep their prefix and refuse another's")
    func identifiers() {
        // Two hundred clocks in turn: none disturbs the order of another.
        var order = IdentifierOrder()
        let many: [String] = (0..<1_000).map { (_: Int) -> String in
            for other: Int64 in 6..<206 { _ = PersonID(at: Timestamp(milliseconds: other), in: &order) }
            return PersonID(at: Timestamp(milliseconds: 5), in: &order).rawValue
        }
        #expect(many == many.sorted() && Set(many).count == 1_000 && many.allSatisfy { PersonID(rawValue: $0) != nil && $0.dropFirst(16).first == "7" })
        let early = PersonID(at: Timestamp(milliseconds: 1_000)), late = PersonID(at: Timestamp(milliseconds: 2_000))
        #expect(early < late)
        #expect(PersonID(rawValue: early.rawValue) == early)
        #expect(DeviceID(rawValue: early.rawValue) == nil)
        #expect(PersonID(rawValue: early.rawValue.uppercased()) == nil)
        // RFC 9562: version 7 in the 13th digit, variant 10 in the 17th.
        let digits = Array(early.rawValue.dropFirst(4))
        #expect(digits[12] == "7")
        #expect("89ab".contains(digits[16]))
    }

    @Test("times keep their milliseconds through JSON", arguments: [0, 1_000, 1_790_000_000_000, 253_402_300_798_000] as [Int64])
    func timestamps(start: Int64) throws {
        for milliseconds in start..<start + 1_000 {
            let time = Timestamp(milliseconds: milliseconds)
            #expect(Timestamp(time.description) == time)
        }
        #expect(Timestamp(milliseconds: 1_790_000_000_007).description == "2026-09-21T14:13:20.007Z")
        #expect(Timestamp("2026-09-21T16:13:20+02:00") == Timestamp(milliseconds: 1_790_000_000_000))
        #expect(Timestamp("2026-09-21t14:13:20.0079z") == Timestamp(milliseconds: 1_790_000_000_007))
        #expect(Timestamp("2026-09-20T14:14:20-23:59") == Timestamp(milliseconds: 1_790_000_000_000))
        #expect(Timestamp("0001-01-01T00:00:00Z")?.description == "0001-01-01T00:00:00.000Z")
        #expect(Timestamp("9999-12-31T23:59:59.999Z")?.description == "9999-12-31T23:59:59.999Z")
        for day in ["2024-02-29", "2000-02-29"] { #expect(Timestamp(day + "T00:00:00Z")?.description == day + "T00:00:00.000Z") }
        for wrong in [
            "", "2026-12-23", "2026-12-23T09:30:00", "2026-12-23T09:30:00Zgarbage", "2026-12-23T24:00:00Z", "2026-02-30T00:00:00Z", "2100-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z", "10000-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "2026-12-23T09:60:00Z", "2026-12-23T23:59:60Z", "2026-12-23 09:30:00Z",
            "2026-12-23T09:30:00.Z", "2026-12-23T09:30:00+0200", "2026-12-23T09:30:00+24:00", "+026-12-23T09:30:00Z", "２026-12-23T09:30:00Z",
        ] { #expect(Timestamp(wrong) == nil, "\(wrong)") }
    }

    @Test("base64url has no padding and no characters that need escaping", arguments: 0...40)
    func base64(count: Int) throws {
        let bytes: [UInt8] = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 250) }
        let text: String = Base64(bytes).text
        #expect(text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
        #expect(Base64(text: text)?.bytes == bytes)
    }

    @Test("a join token is read back whole, and refused when cut or changed in form")
    func joinTokens() {
        let token = JoinToken(secret: Base64([UInt8](repeating: 7, count: 16)).text, authorityFingerprint: [UInt8](repeating: 9, count: 32).hexadecimal)
        #expect(JoinToken(token.text) == token)
        #expect(JoinToken(String(token.text.dropLast())) == nil)
        #expect(JoinToken(token.text.replacing("vjt_", with: "vlt_")) == nil)
        #expect(JoinToken("") == nil)
    }

    @Test("every problem code has an HTTP status of an error and an exit code that is documented", arguments: ProblemCode.allCases)
    func problemCodes(code: ProblemCode) {
        #expect((400..<600).contains(code.status))
        #expect([64, 65, 66, 69, 70, 73, 74, 75, 76, 77, 78].contains(code.exitCode))
    }

    @Test("an unknown error becomes an internal fault without its text")
    func unknownErrors() throws {
        struct Secret: Error { let token = "vjt_secret" }
        let text: String = try JSON.text(Problem(describing: Secret()))
        #expect(!text.contains("vjt_secret"))
        #expect(text.contains("internal_fault"))
    }
}

@Suite("Fingerprints that people compare")
struct KeyFingerprintTests {
    @Test("the first 100 bits in five groups of four, read again however they were typed; nothing else is one")
    func typed() throws {
        let thumbprint: String = SHA256.hash(data: [UInt8]()).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let fingerprint: KeyFingerprint = try #require(KeyFingerprint(thumbprint: thumbprint))
        // Computed apart, in Python.
        #expect(fingerprint.text == "WERC-8GMR-ZGE1-96QV-YK49")
        for typed in ["werc8gmrzge196qvyk49", "WERC 8GMR ZGE1 96QV YK49", "werc-8gmr-zgel-96qv-yk49", "WERC:8GMR:ZGEI:96QV:YK49"] {
            #expect(KeyFingerprint(typed: typed) == fingerprint, "\(typed)")
        }
        for typed in ["", "WERC-8GMR-ZGE1-96QV-YK4", "WERC-8GMR-ZGE1-96QV-YK490", "WERC-8GMR-ZGE1-96QV-YK4U", "werc-8gmr-zge1-96qv-yk48"] {
            #expect(KeyFingerprint(typed: typed) != fingerprint, "\(typed)")
        }
        #expect(KeyFingerprint(thumbprint: "e3b0") == nil)
        #expect(try JSON.value(KeyFingerprint.self, from: try JSON.text(fingerprint)) == fingerprint)
    }
}
