import HTTPTypes
import HubDomain
import RecognitionAPI
import ServiceSupport
import WireModel

/// What those who run the hub look at: is it alive, can it serve, how much did it do.
struct OperationsRoutes {
    let hub: Hub
    let counters: RequestCounters

    var routes: [Route] {
        [
            // Alive: the process answers. No database, so that a slow disk does not get the hub restarted.
            Route(.get, Routes.health, .open, "Alive.", success: (200, nil), isDocumented: false) { _ in text("ok\n") },
            // Ready: the database answers too.
            Route(.get, Routes.readiness, .open, "Ready: the database answers too.", success: (200, nil), isDocumented: false) { _ in
                try await hub.checkReadiness()
                return text("ready\n")
            },
        ]
    }

    /// Only for the plain listener, which stays on loopback.
    var metricsRoute: Route {
        Route(.get, Routes.metrics, .open, "Prometheus metrics.", success: (200, nil), isDocumented: false) { _ in
            text(try await metrics(), type: "text/plain; version=0.0.4; charset=utf-8")
        }
    }

    /// Prometheus text exposition format 0.0.4.
    private func metrics() async throws -> String {
        let figures: HubFigures = try await hub.figures()
        var text: String = ""
        func family(_ name: String, _ type: String, _ help: String, _ samples: [(labels: String, value: Int64)]) {
            text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
            for sample in samples { text += "\(name)\(sample.labels) \(sample.value)\n" }
        }
        family("vultus_hub_info", "gauge", "The version that runs.", [("{version=\"\(ReleaseVersion.current)\"}", 1)])
        family("vultus_hub_accounts", "gauge", "Accounts.", [("", figures.accounts)])
        family("vultus_hub_devices", "gauge", "Devices in service.", [("", figures.devices)])
        family("vultus_hub_journal_entries", "gauge", "Journal entries held.", [("", figures.journalEntries)])
        family("vultus_hub_journal_rejected_entries", "gauge", "Journal entries held but not billed.", [("", figures.rejectedEntries)])
        family("vultus_hub_fork_alarms", "gauge", "Journals that claim one place twice.", [("", figures.forkAlarms)])
        family("vultus_hub_settled_units", "gauge", "Units charged or paid by packs.", figures.unitsByAPI.map { ("{api=\"\($0.api)\"}", $0.units) })
        family(
            "vultus_hub_requests_total", "counter", "Requests answered since the start.",
            await counters.all().map { ("{route=\"\($0.key.route)\",status=\"\($0.key.status)\"}", Int64($0.value)) })
        return text
    }

    private func text(_ body: String, type: String = "text/plain; charset=utf-8") -> Reply {
        Reply(status: 200, body: Array(body.utf8), type: type)
    }
}
