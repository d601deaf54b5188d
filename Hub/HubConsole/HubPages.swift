import HubAPI
import HubDomain

/// Everything of the hub that people look at in a browser.
package enum HubPages {
    /// - Parameter served: what the hub serves to programs.
    package static func routes(_ hub: Hub, serving served: [Route]) -> [Route] {
        DocumentationRoutes(hub: hub, documenting: served).routes + console(hub, serving: served)
    }

    /// The user centre, the operator's console and the pages before them.
    package static func console(_ hub: Hub, serving served: [Route]) -> [Route] {
        let console = Console(hub: hub, served: served)
        return Assets.routes + VisitorPages(console: console).routes + SignInPages(console: console).routes + OverviewPages(console: console).routes
            + AgreementPages(console: console).routes + ApplicationPages(console: console).routes + TryPages(console: console).routes
            + UsagePages(console: console).routes + PeoplePages(console: console).routes + BillPages(console: console).routes
            + NoticePages(console: console).routes + FeedbackPages(console: console).routes + ProfilePages(console: console).routes
            + SecurityPages(console: console).routes + LeavingPages(console: console).routes + PublicPages(console: console).routes
            + OperatorPages(console: console).routes + OperatorAccountPages(console: console).routes + OperatorCataloguePages(console: console).routes
            + OperatorNewsPages(console: console).routes + OperatorFleetPages(console: console).routes + OperatorDevicePages(console: console).routes
            + OperatorWaitingPages(console: console).routes + OperatorTokenPages(console: console).routes + OperatorGroupPages(console: console).routes
            + OperatorAgreementPages(console: console).routes + OperatorHubPages(console: console).routes + DevicePages(console: console).routes
            + OperatorAlertPages(console: console).routes + HealthPages(console: console).routes + OperatorUpdatePages(console: console).routes
            + OperatorRolloutPages(console: console).routes + WebhookPages(console: console).routes + DeviceAlertPages(console: console).routes
            + PackPages(console: console).routes
    }
}
