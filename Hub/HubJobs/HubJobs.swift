import HubDomain
import HubOutbound
import Logging
import ServiceLifecycle

/// What a hub does by itself: mail, webhooks, announcements, re-verification, anchors of the audit chain, alerts, quotes that
/// lapse, and clearing away what has no use any more. Every job may run on several hubs at once; SQL decides who does what.
package struct HubJobs: Service {
    private let hub: Hub
    private let mail: any MailTransport
    private let webhooks: any WebhookTransport
    private let logger: Logger
    /// Between rounds; tests make it short.
    private let pause: Duration
    /// Rounds between two of the slow jobs.
    private static let slowEvery: Int = 12

    package init(hub: Hub, mail: any MailTransport, webhooks: any WebhookTransport, logger: Logger, pause: Duration = .seconds(5)) {
        self.hub = hub
        self.mail = mail
        self.webhooks = webhooks
        self.logger = logger
        self.pause = pause
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            // Endpoints that accounts name may take their time: nothing else waits for them.
            async let sent: Void = repeated { _ in await attempt("webhooks") { _ = try await hub.deliverWebhooks(through: webhooks) } }
            await repeated { round in
                await attempt("mail") { _ = try await hub.deliverMail(through: mail) }
                if round.isMultiple(of: Self.slowEvery) { await slowJobs() }
            }
            await sent
            await attempt("anchor") { _ = try await hub.anchorAudit() }
        }
    }

    private func repeated(_ body: (_ round: Int) async -> Void) async {
        var round: Int = 0
        while !Task.isCancelled {
            await body(round)
            round += 1
            do { try await Task.sleep(for: pause) } catch { break }
        }
    }

    private func slowJobs() async {
        await attempt("announcements") { _ = try await hub.announceAgreements() }
        await attempt("news") { _ = try await hub.tellAnnouncements() }
        await attempt("catalogue") { _ = try await hub.announceCatalogue() }
        await attempt("alerts") { _ = try await hub.raiseAlerts() }
        await attempt("devices") { try await hub.watchDevices() }
        await attempt("health") { _ = try await hub.rollUpHealth() }
        await attempt("leases") { _ = try await hub.settleLeases() }
        await attempt("rollouts") { _ = try await hub.advanceRollouts() }
        await attempt("claims") { _ = try await hub.releaseAbandonedClaims() }
        await attempt("reverification") { _ = try await hub.reverify() }
        await attempt("anchor") { _ = try await hub.anchorAudit() }
        await attempt("quotes") { _ = try await hub.lapseCustomisations() }
        await attempt("clearing") { try await hub.clearExpired() }
        await attempt("webhook clearing") { try await hub.clearWebhooks() }
    }

    /// A job that fails is logged and tried again in the next round: the hub goes on without it.
    private func attempt(_ name: String, _ body: () async throws -> Void) async {
        do { try await body() } catch {
            if error is CancellationError { return }
            logger.error("job failed", metadata: ["job": "\(name)", "error": "\(type(of: error))"])
        }
    }
}
