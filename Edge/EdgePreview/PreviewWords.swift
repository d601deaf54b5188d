/// What the page says, in one language: what is written into it, and what its script writes.
struct PreviewWords: Sendable, Encodable {
    let title: String
    let locked: String
    let lockedHow: String
    /// Of the page's parts, by their place in `page.html`.
    let labels: [String: String]
    /// By what they are called inside.
    let sources: [String: String]
    /// By outcome; `looking` before there is one.
    let outcomes: [String: String]
    /// Of a decision in the list.
    let kinds: [String: String]
    /// By problem code: what is wrong with a face.
    let reasons: [String: String]
    /// Where no picture is to be seen, and why.
    let empty: [String: String]
    /// By problem code.
    let cameras: [String: String]
    /// By device state; the agent's own English where one is missing.
    let states: [String: String]
    /// What to do about a device state, the same way.
    let remedies: [String: String]
    /// `{n}` and the like are filled in by the script.
    let phrases: [String: String]

    private enum CodingKeys: String, CodingKey { case sources, outcomes, kinds, reasons, empty, cameras, states, remedies, phrases }

    static func of(_ language: PageLanguage) -> PreviewWords { language == .zh ? .chinese : .english }

    static let english = PreviewWords(
        title: "Live preview", locked: "This preview is locked",
        lockedHow: "Open the address that the agent printed when it started. It is also in the file preview-url of the device's directory, for example:",
        labels: [
            "title": "Live preview", "skip": "Skip to the picture", "source": "Source", "pause": "Pause", "boxes": "Boxes", "picture": "Live picture",
            "people": "In the picture", "decisions": "Decisions", "figures": "Figures", "camera": "Source", "sync": "Hub",
            "announcements": "Announcements", "nobody": "Nobody is in the picture.",
            "noDecisions": "No decision yet.", "rate": "Frames a second", "looked": "Looked at a second", "answer": "Frame to answer",
            "decision": "First good frame to decision", "stages": "Decode · detect · align · embed", "connecting": "Connecting to the agent…",
            "hint": "Space pauses, B shows or hides the boxes.", "other": "中文", "otherLanguage": "zh", "otherTag": "zh-CN",
        ],
        sources: ["standard input": "Standard input", "pictures": "Files and folders"],
        outcomes: ["match": "{name}", "unknown": "Unknown", "undecided": "Undecided", "looking": "Looking…"],
        kinds: ["decided": "", "returned": "again, not charged", "left": "left"],
        reasons: [
            "face_too_small": "too small", "face_blurred": "blurred", "face_turned": "turned away", "face_too_dark": "too dark",
            "face_too_bright": "too bright", "face_cut_off": "cut off", "face_uncertain": "not surely a face", "shots_disagree": "shots disagree",
            "presentation_attack_suspected": "perhaps a picture or a screen", "presentation_undetermined": "not surely a live face",
        ],
        empty: [
            "waiting": "Waiting for the first picture", "camera": "The camera gives no picture", "stale": "No new picture for {n} s",
            "gone": "The agent does not answer", "goneHow": "It may have ended. This page tries again by itself.",
            "paused": "Recognition is paused", "stopped": "The picture is paused", "waitingHow": "It appears here as soon as the source sends one.",
        ],
        cameras: [
            "camera_missing": "No camera. Plug it in; the agent finds it by itself.", "camera_not_permitted": "This user may not open the camera.",
            "camera_busy": "Another program has the camera.", "camera_unsuitable": "The camera has no usable format.", "camera_failed": "The camera fails.",
        ],
        states: ["fresh": "Nothing is in the way"], remedies: [:],
        phrases: [
            "score": "score {score}, threshold {threshold}", "latency": "{n} ms", "streams": "{mode}", "notCamera": "no camera", "never": "never reached",
            "contact": "last reached {when}", "waiting": "{n} entries wait for it", "inStep": "everything is there", "lost": "{lost} lost, {damaged} damaged",
            "hook": "Program: {succeeded} done, {failed} failed, {timedOut} too slow, {dropped} dropped", "next": "Next: ", "resume": "Resume",
            "pause": "Pause",
            "faces": "{n} in the picture", "entry": "entry {n}", "known": "{name} recognised", "unknown": "Somebody unknown", "undecided": "Undecided",
        ])
}
