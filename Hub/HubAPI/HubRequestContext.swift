import Hummingbird
import NIOCore

/// What a handler knows of a request beside the request: among it the connection, for the client's certificate.
package struct HubRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// A call with pictures is the largest request; each route has its own limit below it.
    package var maxUploadSize: Int { 10 << 20 }
}
