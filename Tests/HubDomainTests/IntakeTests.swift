import Crypto
import HubDomain
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Taking in a device's journal")
struct IntakeTests {
    private func outcomes(_ answer: SyncResponse) -> [String] { answer.answers.map { $0.code?.rawValue ?? $0.outcome.rawValue } }

    @Test("what comes twice is known, and billed once, with no window of time")
    func duplicates() async throws {
        let fixture = try await IntakeFixture()
        let device: PlayedDevice = try await fixture.device()
        try await device.sync()
        for _ in 0..<3 { device.use() }
        #expect(outcomes(try await device.sync()) == ["accepted", "accepted", "accepted"])
        fixture.clock.advance(by: .seconds(400 * 86_400))
        #expect(outcomes(try await device.sync()) == ["duplicate", "duplicate", "duplicate"])
        #expect(try await fixture.units() == 3)
    }

    @Test("ten copies of one request at once bill once")
    func concurrentDuplicates() async throws {
        let fixture = try await IntakeFixture()
        let device: PlayedDevice = try await fixture.device()
        try await device.sync()
        for _ in 0..<5 { device.use() }
        let entries: [JournalEntry] = device.journal
        let copies: [PlayedDevice] = (0..<10).map { _ in PlayedDevice(hub: device.hub, clock: device.clock, key: device.key, id: device.id) }
        for copy in copies { _ = try await copy.sync(entries) }
        #expect(try await fixture.units() == 5)
    }

    @Test("another entry at a place already taken is refused, raises an alarm, and is not billed")
    func fork() async throws {
        let fixture = try await IntakeFixture()
        let device: PlayedDevice = try await fixture.device()
        try await device.sync()
        let first: JournalEntry = device.use()
        device.use()
        try await device.sync()
        let other: JournalEntry = device.next(body: "{\"other\":1}", after: first)
        #expect(outcomes(try await device.sync([other])) == ["journal_fork"])
        #expect(try await fixture.units() == 2)
        #expect(try await fixture.hub.figures().forkAlarms == 1)
        // A copy that went on by itself: the next place, but after another past.
        let third: JournalEntry = device.next(after: other)
        #expect(outcomes(try await device.sync([third])) == ["journal_fork"])
        #expect(try await fixture.hub.figures().forkAlarms == 2)
    }

    @Test("a gap is refused, and the entries that were missing make it good")
    func gap() async throws {
        let fixture = try await IntakeFixture()
        let device: PlayedDevice = try await fixture.device()
        try await device.sync()
        for _ in 0..<3 { device.use() }
        let answer: SyncResponse = try await device.sync(Array(device.journal.dropFirst()))
        #expect(outcomes(answer) == ["journal_gap", "journal_gap"])
        #expect(answer.acknowledgedThrough == 0)
        #expect(try await device.sync().acknowledgedThrough == 3)
        #expect(try await fixture.units() == 3)
    }

    @Test("a batch whose head another key signed, or that was changed on the way, is refused whole")
    func tampered() async throws {
        let fixture = try await IntakeFixture()
        let device: PlayedDevice = try await fixture.device()
        try await device.sync()
        device.use()
        await #expect(throws: Problem.self) { try await device.sync(signer: P256.Signing.PrivateKey()) }
        let entry: JournalEntry = device.journal[0]
        let forged = JournalEntry(
            epoch: 1, seq: 1, kind: .decision, api: .search, units: 0, lease: entry.lease, time: entry.time, bootMilliseconds: 0, body: "{}",
            previous: entry.previous, hash: entry.hash)
        #expect(outcomes(try await device.sync([forged])) == ["journal_tampered"])
        #expect(outcomes(try await device.sync()) == ["accepted"])
    }

    @Test("one entry that cannot be billed is kept with its reason and does not block the rest")
    func oneBadEntry() async throws {
        let fixture = try await IntakeFixture()
        let device: PlayedDevice = try await fixture.device()
        try await device.sync()
        device.use()
        device.use(units: 5_000)
        device.use()
        let answer: SyncResponse = try await device.sync()
        #expect(outcomes(answer) == ["accepted", "invalid_request", "lease_overrun"])
        #expect(answer.acknowledgedThrough == 3)
        #expect(try await fixture.units() == 1)
        #expect(outcomes(try await device.sync()) == ["duplicate", "invalid_request", "lease_overrun"])
    }

    @Test("a revoked device is known by its certificate no more")
    func revoked() async throws {
        let fixture = try await IntakeFixture()
        let device: PlayedDevice = try await fixture.device()
        _ = try await fixture.hub.revokeDevice(device.id, by: .test)
        #expect(try await fixture.hub.devices()[0].revoked != nil)
        await #expect(throws: Problem.self) { _ = try await fixture.hub.device(certificateSerial: "00") }
    }

    @Test("every unit of an invoice line can be traced to an intact entry")
    func trace() async throws {
        let fixture = try await IntakeFixture()
        let device: PlayedDevice = try await fixture.device()
        try await device.sync()
        for _ in 0..<4 { device.use() }
        try await device.sync()
        let end: Timestamp = fixture.hub.now().advanced(by: .seconds(1))
        let invoice: Invoice = try await fixture.hub.invoice(account: "Acme", from: Timestamp(milliseconds: 0), to: end)
        let uses: [TracedUse] = try await fixture.hub.trace(account: "Acme", line: invoice.lines[0].line, from: Timestamp(milliseconds: 0), to: end)
        #expect(uses.map(\.hash) == device.journal.map(\.hash))
        #expect(uses.allSatisfy { $0.isIntact })
        #expect(uses.reduce(0) { $0 + $1.units } == invoice.lines[0].units)
        #expect(invoice.lines[0].amount == Money(millionths: 60_000, currency: "CNY"))
    }
}

@Suite("Prices and time")
struct PricingTests {
    @Test("past use stays billed at the price then in force, offline use included")
    func versions() async throws {
        let fixture = try await IntakeFixture()
        try await fixture.hub.set(.changeNoticeDays, to: "0", by: .test)
        let device: PlayedDevice = try await fixture.device()
        try await device.sync()
        device.use()
        fixture.clock.advance(by: .seconds(3_600))
        _ = try await fixture.hub.setPrice(
            api: .search, unitPrice: Money(millionths: 20_000, currency: "CNY"), effective: nil,
            lease: LeaseTerms(units: 100, termMilliseconds: 86_400_000, whenExhausted: .refuse, hardLimit: 0), by: .test)
        fixture.clock.advance(by: .seconds(60))
        device.use()
        try await device.sync()
        let invoice: Invoice = try await fixture.hub.invoice(
            account: "Acme", from: Timestamp(milliseconds: 0), to: fixture.hub.now().advanced(by: .seconds(1)))
        #expect(invoice.lines.map(\.line) == ["face.search/v1", "face.search/v2"])
        #expect(invoice.lines.map(\.amount.millionths) == [15_000, 20_000])
    }

    @Test("a device whose clock is a day off is billed by the hub's time", arguments: [-86_400, 86_400])
    func skew(seconds: Int) async throws {
        let fixture = try await IntakeFixture()
        let device: PlayedDevice = try await fixture.device()
        try await device.sync()
        let real: Timestamp = fixture.clock.now().wall
        device.use(time: real.advanced(by: .seconds(seconds)))
        device.deviceTime = real.advanced(by: .seconds(seconds))
        #expect(try await device.sync().clockSkewMilliseconds == Int64(seconds) * 1000)
        let usage: [Usage] = try await fixture.hub.usage(account: "Acme")
        #expect(usage[0].last == real)
    }

    @Test("a request that was on its way for an hour changes nothing; what it brought is dated right when it comes again", arguments: [0, 86_400])
    func late(ahead: Int) async throws {
        let fixture = try await IntakeFixture()
        let device = DarkDevice(try await fixture.device())
        device.offset = .seconds(ahead)
        try await device.sync()
        let real: Timestamp = fixture.clock.now().wall
        device.use()
        let late: SyncRequest = try device.request(device.unsent)
        fixture.clock.advance(by: .seconds(3_600))
        let before: [Device] = try await fixture.hub.devices()
        let answer: SyncResponse = try await fixture.hub.receive(late, from: device.id)
        #expect(answer.isClockUnconfirmed == true)
        #expect(answer.answers.isEmpty && answer.leases.isEmpty && answer.acknowledgedThrough == device.disk.acknowledged)
        #expect(try await fixture.billed(fixture.hub).units == 0)
        #expect(try await fixture.hub.devices().map(\.clockSkewMilliseconds) == before.map(\.clockSkewMilliseconds))
        try await device.syncAll()
        #expect(try await fixture.hub.usage(account: "Acme").map(\.last) == [real])
        // And once more, now that all of it is known.
        #expect(try await fixture.hub.receive(late, from: device.id).isClockUnconfirmed == true)
        #expect(try await fixture.hub.devices()[0].clockSkewMilliseconds == Int64(ahead) * 1_000)
    }

    @Test("amounts are read and shown exactly", arguments: [("0.015", "0.015 CNY"), ("1", "1.00 CNY"), ("12.5", "12.50 CNY"), ("0.000001", "0.000001 CNY")])
    func money(text: String, shown: String) throws {
        #expect(try Money(text, currency: "CNY").text == shown)
    }

    @Test("what is no amount is refused", arguments: ["", "-1", "1e3", "0.0000001", "1.2.3", "１", "9999999999", ".5", "5."])
    func noMoney(text: String) {
        #expect(throws: Problem.self) { _ = try Money(text, currency: "CNY") }
    }
}

@Suite("Quota")
struct QuotaTests {
    @Test("settled and reserved never pass the quota, however many devices ask at once")
    func neverOverdrawn() async throws {
        let fixture = try await IntakeFixture(quota: 100, leaseUnits: 40)
        var devices: [PlayedDevice] = []
        for _ in 0..<6 { devices.append(try await fixture.device()) }
        for round in 0..<60 {
            for device in devices {
                if let lease = device.lease, device.journal.count < lease.ceiling { device.use() }
                try await device.sync(Array(device.journal.suffix(2)))
            }
            let quota: Quota = try await fixture.hub.quotas(account: "Acme")[0]
            #expect(quota.settled + quota.reserved <= quota.units, "round \(round)")
        }
        let total: Int = devices.reduce(0) { $0 + $1.journal.count }
        #expect(try await fixture.units() == Int64(total))
        #expect(total <= 100)
        #expect(total >= 90)
    }

    @Test("a device that asks again without using anything gets nothing more")
    func noCreep() async throws {
        let fixture = try await IntakeFixture(quota: 100, leaseUnits: 80)
        let device: PlayedDevice = try await fixture.device()
        try await device.sync()
        #expect(device.lease?.ceiling == 50)
        for _ in 0..<10 { try await device.sync() }
        #expect(device.lease?.ceiling == 50)
    }

    @Test("an answer that was lost is given again, the same")
    func lostAnswer() async throws {
        let fixture = try await IntakeFixture()
        let device: PlayedDevice = try await fixture.device()
        let copy = PlayedDevice(hub: device.hub, clock: device.clock, key: device.key, id: device.id)
        try await device.sync()
        try await copy.sync()
        #expect(device.lease == copy.lease)
        #expect(device.lease != nil)
    }

    @Test("a quota cannot be set below what is used and in the hands of devices")
    func floor() async throws {
        let fixture = try await IntakeFixture(quota: 200, leaseUnits: 100)
        let device: PlayedDevice = try await fixture.device()
        try await device.sync()
        await #expect(throws: Problem.self) { _ = try await fixture.hub.setQuota(account: "Acme", api: .search, units: 99, by: .test) }
        _ = try await fixture.hub.setQuota(account: "Acme", api: .search, units: 100, by: .test)
    }

    @Test("overdraft under continue-and-flag is billed, marked, and outside the quota")
    func overdraft() async throws {
        let fixture = try await IntakeFixture(quota: 4, leaseUnits: 2, policy: .continueAndFlag, hardLimit: 2)
        let device: PlayedDevice = try await fixture.device()
        try await device.sync()
        for _ in 0..<5 { device.use() }
        let answer: SyncResponse = try await device.sync()
        #expect(answer.answers.map(\.outcome) == [.accepted, .accepted, .accepted, .accepted, .rejected])
        let line: InvoiceLine = try await fixture.hub.invoice(
            account: "Acme", from: Timestamp(milliseconds: 0), to: fixture.hub.now().advanced(by: .seconds(1))
        ).lines[0]
        #expect(line.units == 4)
        #expect(line.overdraftUnits == 2)
    }
}

@Suite("Join tokens")
struct JoinTokenTests {
    @Test("works once; the same key gets the same answer again, another key none")
    func once() async throws {
        let fixture = try await IntakeFixture()
        let token: IssuedToken = try await fixture.hub.issueToken(account: "Acme", lifetime: .seconds(60), by: .test)
        let key = P256.Signing.PrivateKey()
        let first: EnrolmentResponse = try await fixture.hub.enrol(try IntakeFixture.request(token, key: key))
        let again: EnrolmentResponse = try await fixture.hub.enrol(try IntakeFixture.request(token, key: key))
        #expect(first.device == again.device)
        #expect(first.certificate == again.certificate)
        await #expect {
            _ = try await fixture.hub.enrol(try IntakeFixture.request(token, key: P256.Signing.PrivateKey()))
        } throws: { ($0 as? Problem)?.code == .tokenUsed }
        #expect(try await fixture.hub.devices().count == 1)
    }

    @Test("ends when its time is over")
    func expires() async throws {
        let fixture = try await IntakeFixture()
        let token: IssuedToken = try await fixture.hub.issueToken(account: "Acme", lifetime: .seconds(60), by: .test)
        fixture.clock.advance(by: .seconds(61))
        await #expect {
            _ = try await fixture.hub.enrol(try IntakeFixture.request(token, key: P256.Signing.PrivateKey()))
        } throws: { ($0 as? Problem)?.code == .tokenExpired }
    }
}
