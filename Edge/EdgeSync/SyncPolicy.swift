import EdgeStore
import HubClient
import WireModel

/// How an agent keeps in step: what its group's configuration says, and what was set at the device itself, which goes first.
package struct SyncPolicy: Sendable {
    /// Between contacts; `nil`: as configured, and as the hub asks.
    package var interval: Duration?
    package var links: DeviceConfiguration.Links?
    package var meteredInterfaces: [String]

    package init(interval: Duration? = nil, links: DeviceConfiguration.Links? = nil, meteredInterfaces: [String] = LinkPolicy.mobileInterfaces) {
        self.interval = interval
        self.links = links
        self.meteredInterfaces = meteredInterfaces
    }

    package func interval(_ configuration: DeviceConfiguration) -> Duration { interval ?? .milliseconds(max(1_000, configuration.contactMilliseconds)) }

    package func linkPolicy(_ configuration: DeviceConfiguration) -> LinkPolicy {
        LinkPolicy(links: links ?? configuration.links, metered: meteredInterfaces)
    }
}
