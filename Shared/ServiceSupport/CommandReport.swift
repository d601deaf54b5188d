import Glibc
import WireModel

/// How a command speaks: answers on standard output, everything else on standard error, a table for people and JSON
/// for programs.
package enum CommandReport {
    /// Prints a failure and returns the exit code that goes with it.
    package static func failure(_ error: any Error, json: Bool) -> Int32 {
        let problem = Problem(describing: error)
        if json {
            Terminal.note((try? JSON.text(problem)) ?? problem.title)
        } else {
            Terminal.note("\(Terminal.styled("error:", .red)) \(problem.title)")
            if !problem.detail.isEmpty { Terminal.note("  what: \(problem.detail)") }
            if !problem.remedy.isEmpty { Terminal.note("  next: \(problem.remedy)") }
            Terminal.note("  code: \(problem.code.rawValue) (exit \(problem.code.exitCode))")
        }
        return problem.code.exitCode
    }

    /// Prints one line of answer at once, so that a reader at the other end of a pipe sees it when it happens.
    package static func line(_ text: String) {
        print(text)
        fflush(nil)
    }

    package static func json(_ value: some Encodable) throws {
        line(try JSON.text(value, pretty: isatty(STDOUT_FILENO) == 1))
    }
}
