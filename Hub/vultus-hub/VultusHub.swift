import ArgumentParser
import ServiceSupport

@main
struct VultusHub: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vultus-hub",
        abstract: "The provider's side of Vultus: accounts, agreements, access, prices, quotas, devices, usage and invoices.",
        discussion: """
            A hub is one directory: a database, and the keys of its own certificate authority; or, with --database, a PostgreSQL \
            that several hubs share, each with a copy of the keys. Operator commands work whether or not the hub is serving.

            From nothing to an invoice:
              vultus-hub init
              vultus-hub admin account open "Acme Doors" --email owner@acme.example     the owner is invited by mail
              vultus-hub price set face.search --price 0.015 --currency CNY
              vultus-hub quota set "Acme Doors" face.search --units 100000
              vultus-hub billing book "Acme Doors" top_up 500 --reason "Transfer 4711"     or: billing credit "Acme Doors" 500
              vultus-hub serve --listen 0.0.0.0:8443 --name hub.example.com
              vultus-hub device token "Acme Doors"     hand the token to `vultus-edge join`
              vultus-hub invoice "Acme Doors"

            Exit codes: 0 done; 64 wrong usage or input; 66 not found; 70 internal; 73 disk full; 74 store damaged or unavailable; \
            75 busy, try again; 76 conflict; 77 not permitted; 78 configuration. With --json, errors are one JSON object \
            on standard error with a stable `code`.
            """,
        version: "vultus-hub \(ReleaseVersion.current)",
        subcommands: [
            InitCommand.self, ServeCommand.self, AdminCommand.self, DatabaseCommand.self, CatalogueCommand.self, PriceCommand.self, QuotaCommand.self,
            BillingCommand.self, DeviceCommand.self, GroupCommand.self, AlertCommand.self, AnnouncementCommand.self, ReleaseCommand.self, RolloutCommand.self,
            UsageCommand.self, InvoiceCommand.self,
        ])
}
