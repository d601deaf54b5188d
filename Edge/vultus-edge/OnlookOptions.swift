import ArgumentParser
import EdgeAgent
import EdgePreview
import WireModel

/// Who else sees what `run` sees, and is told what it decides.
struct OnlookOptions: ParsableArguments {
    @Option(
        defaultAsFlag: PreviewAddress.standard,
        // The standard strategy loses the value of `--preview=… --json`: swift-argument-parser 1.8.2, `parseOptionalUnaryValue`.
        parsing: .next,
        help: ArgumentHelp(
            "Serve a page with the live picture, to browsers of this machine.",
            discussion: """
                Off unless asked for. Whoever opens it needs the token in its address, another one for every run: printed once on a terminal, and in \
                DIR/preview-url (mode 0600) while the agent runs. From elsewhere: ssh -L 8091:127.0.0.1:8091 DEVICE.
                """, valueName: "address:port"))
    var preview: String?
    @Flag(help: "With --preview=ADDRESS:PORT: also to other machines, over plain HTTP. Anybody on the way sees faces, names and the token.")
    var previewUnencrypted: Bool = false
    @Flag(help: "Draw the picture in this terminal, with boxes and names, in place of lines.") var view: Bool = false
    @Option(
        help: ArgumentHelp(
            "Serve the device's own API as `serve` does, and the decisions as a stream, on a loopback address or a socket.",
            discussion: "GET /v1/events: server-sent events, with Last-Event-ID. The token of DIR/local-token is needed on an address.",
            valueName: "address:port|unix:path"))
    var listen: String?
    @Option(
        help: ArgumentHelp(
            "A program to start at every decision, by its path.",
            discussion: """
                Without a shell: JSON on its standard input, the fields as VULTUS_OUTCOME, VULTUS_PERSON, VULTUS_LABEL, VULTUS_SCORE and so on. Four run \
                at once, 64 decisions wait, the oldest are dropped then; `status` counts what failed.
                """, valueName: "program"))
    var onDecision: String?
    @Option(help: ArgumentHelp("The program is ended after so long: 0.1 to 600.", valueName: "seconds")) var decisionTimeout: Double = 10

    /// An option that may stand without a value takes a source for one: then it is a source.
    mutating func giveBack() -> String? {
        guard let text = preview, !PreviewAddress.looksLikeOne(text) else { return nil }
        preview = PreviewAddress.standard
        return text
    }

    func hook() throws(Problem) -> DecisionHook? {
        guard (0.1...600).contains(decisionTimeout) else {
            throw Problem(.invalidRequest, "A program cannot be given that long.", remedy: "Give --decision-timeout from 0.1 to 600.")
        }
        guard let onDecision else { return nil }
        return DecisionHook(try HookProgram(path: onDecision, timeout: .seconds(decisionTimeout), showsErrors: !view))
    }

    func check(json: Bool) throws(Problem) {
        guard !view || !json else {
            throw Problem(.invalidRequest, "A terminal cannot show the picture and JSON.", remedy: "Leave --view or --json away.")
        }
        guard !previewUnencrypted || preview != nil else {
            throw Problem(.invalidRequest, "There is no preview to serve to others.", remedy: "Give --preview=ADDRESS:PORT as well.")
        }
    }
}
