import EdgeSync
import HubClient
import TestKit
import Testing
import WireModel

@Suite("When to speak to the hub")
struct ContactPlanTests {
    private var random = SeededGenerator(seed: 1)

    @Test("the hub's own figure holds, between a second and a day, unless the device has one of its own")
    mutating func hubDecides() {
        var plan = ContactPlan()
        func wait(_ next: Duration?, isFixed: Bool = false) -> Duration {
            plan.wait(after: .synced(next: next, bytes: 0), interval: .seconds(30), isFixed: isFixed, using: &random)
        }
        #expect(wait(.seconds(77)) == .seconds(77))
        #expect(wait(.milliseconds(1)) == .seconds(1))
        #expect(wait(.seconds(1_000_000)) == .seconds(86_400))
        for _ in 0..<100 {
            #expect((.seconds(24) ... .seconds(36)).contains(wait(nil)))
            #expect((.seconds(24) ... .seconds(36)).contains(wait(.seconds(77), isFixed: true)))
        }
    }

    @Test("failures wait a minute at most while the hub may be starting, then longer and longer, never in step, never for more than a quarter of an hour")
    mutating func backOff() {
        var plan = ContactPlan()
        func failed(_ interval: Duration = .seconds(30)) -> Duration { plan.wait(after: .failed(notBefore: nil), interval: interval, using: &random) }
        var base: Duration = ContactPlan.shortWait
        var waits: Set<Duration> = []
        for number in 1...40 {
            if number > ContactPlan.shortWaits { base = min(base * 2, ContactPlan.longestWait) }
            let wait: Duration = failed()
            #expect((base * 0.5...base).contains(wait))
            waits.insert(wait)
        }
        #expect(waits.count == 40)
        _ = plan.wait(after: .synced(next: nil, bytes: 0), interval: .seconds(30), using: &random)
        #expect(failed() <= .seconds(60))
        // A device that comes often backs off first; one that comes seldom never comes more often than that.
        plan = ContactPlan()
        #expect((1...4).map { _ in failed(.seconds(5)) <= .seconds(60) } == [true, true, true, true])
        plan = ContactPlan()
        #expect(failed(.seconds(5)) <= .seconds(10))
        #expect(failed(.seconds(3_600)) >= .seconds(1_800))
    }

    @Test("never before the hub said, and not all at that moment")
    mutating func retryAfter() {
        var waits: Set<Duration> = []
        for _ in 0..<50 {
            var plan = ContactPlan()
            let wait: Duration = plan.wait(after: .failed(notBefore: .seconds(3_000)), interval: .seconds(30), using: &random)
            #expect((.seconds(3_000) ... .seconds(3_750)).contains(wait))
            waits.insert(wait)
        }
        #expect(waits.count == 50)
    }

    @Test("idle contacts leave half of a day's bytes to the journal")
    mutating func pace() {
        var plan = ContactPlan()
        let wait: Duration = plan.wait(after: .synced(next: .seconds(30), bytes: 2_000), interval: .seconds(30), budget: 1_000_000, using: &random)
        #expect(Double(86_400) / (wait / .seconds(1)) * 2_000 <= 500_001)
        #expect(plan.wait(after: .synced(next: nil, bytes: 1_000_000), interval: .seconds(30), budget: 1, using: &random) == .seconds(6 * 3_600))
    }
}

@Suite("Links and bytes")
struct LinkAndBudgetTests {
    @Test("mobile interfaces carry nothing where only unmetered links may; what is not known may")
    func links() {
        let unmetered = LinkPolicy(links: .unmetered)
        for name in ["wwan0", "ppp0", "usb1", "rmnet_data0"] {
            #expect(!unmetered.allows(name))
            #expect(LinkPolicy(links: .any).allows(name))
        }
        for name in ["lo", "eth0", "wlan0", nil] { #expect(unmetered.allows(name)) }
        #expect(!LinkPolicy(links: .unmetered, metered: ["eth?"]).allows("eth3"))
    }

    @Test("the kernel says which interface leads to an address", arguments: ["https://127.0.0.1:8443", "https://localhost", "https://127.8.9.1/"])
    func probe(hub: String) async {
        #expect(await LinkProbe(hub: hub).interface() == "lo")
    }

    @Test("a name that is none leads nowhere, and nobody waits for it")
    func nowhere() async {
        #expect(await LinkProbe(hub: "https://").interface() == nil)
        #expect(await LinkProbe(hub: "https://256.1.1.1").interface() == nil)
    }

    @Test("when the bytes are used up, revocations still come once an hour, out of a reserve that ends too")
    func budget() {
        #expect(ByteBudget(perDay: nil).allowance(used: .max, sinceReserve: nil) == .unlimited)
        let budget = ByteBudget(perDay: 10_000_000)
        #expect(budget.allowance(used: 0, sinceReserve: nil) == .upTo(10_000_000))
        #expect(budget.allowance(used: 9_999_999, sinceReserve: nil) == .upTo(1))
        #expect(budget.allowance(used: 10_000_000, sinceReserve: nil) == .erasuresOnly(upTo: 1_000_000))
        #expect(budget.allowance(used: 10_000_000, sinceReserve: .seconds(3_599)) == .nothing)
        #expect(budget.allowance(used: 10_000_000, sinceReserve: .seconds(3_600)) == .erasuresOnly(upTo: 1_000_000))
        #expect(budget.allowance(used: 11_000_000, sinceReserve: nil) == .nothing)
    }
}
