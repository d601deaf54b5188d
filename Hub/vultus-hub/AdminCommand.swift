import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

struct AdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin", abstract: "What operators do: accounts, agreements, measures, keys, mail, staff, audit.",
        discussion: """
            Everything here works on the hub's directory or database, whether or not it serves, and is in the audit log under the \
            shell user's name. What operators do over HTTP (/v1/operator) can be done here, and more.

            Open an account for somebody, without a mail server:
              vultus-hub admin account open "Acme Doors" --email owner@acme.example
              vultus-hub admin mail show owner@acme.example          hand over what it says
              vultus-hub admin account activate TOKEN --accept       reads the password from standard input
            """,
        subcommands: [
            AdminAccount.self, AdminOperator.self, AdminAgreement.self, AdminMeasure.self, AdminKey.self, AdminClosure.self, AdminMail.self,
            AdminMailDomain.self, AdminDomain.self, AdminSetting.self, AdminAudit.self, ProveAcceptance.self,
        ])
}
