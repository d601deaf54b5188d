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

    /// One sync is the largest request.
    package var maxUploadSize: Int { 4 * 1024 * 1024 }
}
