import Foundation
import TestKit
import Testing

@Suite("What the agent sees, drawn in a terminal")
struct TerminalViewTests {
    /// The agent in a terminal of its own (`script` of util-linux), ended by SIGTERM two seconds after its first decision.
    private func drawn(label: String, environment: String) async throws -> Outcome {
        let world = try World()
        try await world.open()
        try await world.join()
        try await world.edge(["enrol", label, World.picture("obama.jpg")])
        let program: String = world.folder + "/end"
        try Data("#!/bin/bash\nsleep 2\nkill -TERM $PPID\n".utf8).write(to: URL(filePath: program))
        chmod(program, 0o755)
        let edge: String = Program.folder + "/vultus-edge"
        let line: String =
            "stty cols 100 rows 40; unset NO_COLOR; \(environment) \(edge) run \(World.picture("obama2.jpg")) --view --data \(world.folder)/edge --on-decision \(program) --sync-every 0"
        return try await Program.runSystem("/usr/bin/script", ["-qec", line, "/dev/null"])
    }

    @Test("shows picture, box and name in colours or without, and leaves the terminal as it was")
    func screen() async throws {
        let colours: Outcome = try await drawn(label: "Ada 林", environment: "TERM=xterm-256color COLORTERM=truecolor LC_ALL=C.UTF-8")
        #expect(colours.status == 0)
        #expect(colours.output.contains("▀") && colours.output.contains("\u{1B}[38;2;") && colours.output.contains("Ada 林 0."))
        // The box is of the colour of a match.
        #expect(colours.output.contains("48;2;111;211;187m") || colours.output.contains("38;2;111;211;187m"))
        for (on, off) in [("\u{1B}[?1049h", "\u{1B}[?1049l"), ("\u{1B}[?25l", "\u{1B}[?25h"), ("\u{1B}[?7l", "\u{1B}[?7h")] {
            let (start, end) = (colours.output.range(of: on), colours.output.range(of: off, options: .backwards))
            #expect(start != nil && end != nil && start!.lowerBound < end!.lowerBound)
        }
        #expect(colours.output.hasSuffix("\u{1B}[?1049l"))
        let palette: Outcome = try await drawn(label: "Ada", environment: "TERM=xterm-256color COLORTERM= LC_ALL=C.UTF-8")
        #expect(palette.output.contains("\u{1B}[38;5;") && !palette.output.contains("38;2;"))
        for environment in ["TERM=vt100 COLORTERM= LC_ALL=C", "TERM=xterm-256color COLORTERM=truecolor LC_ALL=C.UTF-8 NO_COLOR=1"] {
            let plain: Outcome = try await drawn(label: "Ada", environment: environment)
            #expect(plain.status == 0 && plain.output.contains("Ada 0.") && !plain.output.contains("▀") && !plain.output.contains("\u{1B}[48"))
            #expect(plain.output.contains("+-") && plain.output.hasSuffix("\u{1B}[?1049l"))
        }
    }

    @Test("a name cannot steer the terminal")
    func steering() async throws {
        let outcome: Outcome = try await drawn(label: "Ada\u{1B}]0;mine\u{07}\u{202E}x", environment: "TERM=xterm-256color COLORTERM=truecolor LC_ALL=C.UTF-8")
        #expect(outcome.output.contains("Ada]0;minex 0."))
        #expect(!outcome.output.contains("\u{1B}]0;") && !outcome.output.contains("\u{202E}"))
    }

    @Test(
        "what cannot be is refused with what can be",
        arguments: [
            ["--view"], ["--preview", "--view"], ["--preview=0.0.0.0:0"], ["--preview=192.0.2.1:8091"], ["--preview=[::]:0"], ["--preview=localhost:x"],
            ["--preview-unencrypted"], ["--listen", "0.0.0.0:0"], ["--listen", "unix:"], ["--decision-timeout", "0", "--on-decision", "/bin/true"],
        ])
    func refused(options: [String]) async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        let outcome: Outcome = try await world.edge(["run", "-"] + options)
        #expect(outcome.code == "invalid_request" && outcome.status == 64)
    }

    @Test("a program that nobody can start is refused at the start; a folder behind --preview is a folder")
    func paths() async throws {
        let world = try World()
        try await world.open()
        try await world.join()
        for path in ["/nowhere", "/tmp", World.picture("obama.jpg")] {
            #expect(try await world.edge(["run", "-", "--on-decision", path]).code == "file_unreadable")
        }
        let inbox: String = world.folder + "/inbox"
        try FileManager.default.createDirectory(atPath: inbox, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: World.picture("biden.jpg"), toPath: inbox + "/1.jpg")
        let taken: Outcome = try await world.edge(["run", "--preview", inbox, "--once", "--sync-every", "0"])
        #expect(taken.output.contains("\"outcome\":\"unknown\"") || taken.code == "conflict")
        let open: Outcome = try await world.edge(["run", inbox, "--preview=0.0.0.0:0", "--preview-unencrypted", "--once", "--sync-every", "0"])
        #expect(open.status == 0)
    }
}
