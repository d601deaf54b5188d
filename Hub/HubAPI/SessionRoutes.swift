import HTTPTypes
import HubAccess
import HubDomain
import RecognitionAPI
import WireModel

/// Signing in and out, the password, the second factor: the same for members and operators, under their own prefix.
struct SessionRoutes {
    let hub: Hub
    let isOperator: Bool

    private struct SignedIn: Encodable {
        let csrfToken: String
        let session: Session
        let email: String
        let role: String
        let account: AccountID?
    }

    private var prefix: String { isOperator ? "/v1/operator" : "/v1/account" }
    private var access: Access { isOperator ? .everyOperator : .everyMember }
    private var cookie: String { isOperator ? Cookie.staff : Cookie.member }

    private func who(_ call: Call) throws(Problem) -> (principal: Principal, session: Session) {
        if isOperator { return try call.staff }
        let member = try call.member
        return (member.principal, member.session)
    }

    private func describe(_ principal: Principal, _ session: Session, token: String) -> SignedIn {
        let role: String =
            switch principal.kind {
            case .member(_, let role): role.rawValue
            case .operator(let role): role.rawValue
            }
        return SignedIn(
            csrfToken: hub.csrfToken(session: token), session: session, email: principal.email, role: role, account: principal.account)
    }

    var routes: [Route] { signing + keeping }

    private var signing: [Route] {
        [
            Route(
                .post, "\(prefix)/session", .open, "Sign in. Sets the session's cookie, and one that tells this browser from strangers.",
                body: .object([
                    .required("email", .email), .required("password", Schemas.knownPassword),
                    .optional("code", .text(0...40), "of the authenticator, or a recovery code"),
                ]), success: (201, .reference("SignedIn"))
            ) { call in
                let credentials = Credentials(
                    email: try EmailAddress(call.text("email")), password: call.text("password"), code: call.body["code"]?.text, isOperator: isOperator)
                let new: NewSession = try await hub.signIn(
                    credentials, address: call.address, agent: call.headers[.userAgent] ?? "", device: Cookie.value(Cookie.device, in: call.headers))
                var reply: Reply = try .json(describe(new.principal, new.session, token: new.token), status: 201)
                reply.headers.append(.init(name: .setCookie, value: Cookie.set(cookie, new.token, seconds: Hub.sessionLife.components.seconds)))
                reply.headers.append(.init(name: .setCookie, value: Cookie.set(Cookie.device, new.device, seconds: Cookie.deviceLife)))
                return reply
            },
            Route(.get, "\(prefix)/session", access, "The session that asks.", success: (200, .reference("SignedIn")), isForEnded: true) { call in
                let (principal, session) = try who(call)
                return try .json(describe(principal, session, token: call.token))
            },
            Route(.delete, "\(prefix)/session", access, "Sign out.", success: (204, nil), isForEnded: true) { call in
                let (principal, session) = try who(call)
                try await hub.endSession(session.id, of: principal, address: call.address)
                var reply: Reply = .nothing
                reply.headers[.setCookie] = Cookie.set(cookie, "", seconds: 0)
                return reply
            },
            Route(.get, "\(prefix)/sessions", access, "Every session of this sign-in.", success: (200, Schemas.items("Session"))) { call in
                try .json(Items(items: try await hub.sessions(of: try who(call).principal)))
            },
            Route(.delete, "\(prefix)/sessions/{session}", access, "End a session, from anywhere.", success: (204, nil), isForEnded: true) { call in
                try await hub.endSession(try call.id("session"), of: try who(call).principal, address: call.address)
                return .nothing
            },
        ]
    }

    private var keeping: [Route] {
        [
            Route(
                .post, "\(prefix)/password/forgot", .open, "Mail a token to set a new password; whatever the mailbox, the answer is the same.",
                body: .object([.required("email", .email)]), success: (202, nil)
            ) { call in
                try await EvenAnswer.at(EvenAnswer.withoutHash) {
                    try await hub.forgotPassword(
                        try EmailAddress(call.text("email")), isOperator: isOperator, language: call.language, address: call.address)
                    return .accepted
                }
            },
            Route(
                .post, "\(prefix)/password/reset", .open, "Set a new password with a mailed token; ends every session.",
                body: .object([.required("token", Schemas.mailToken), .required("password", Schemas.password)]), success: (204, nil)
            ) { call in
                let device: String = try await hub.resetPassword(token: call.text("token"), new: call.text("password"), address: call.address)
                var reply: Reply = .nothing
                reply.headers[.setCookie] = Cookie.set(Cookie.device, device, seconds: Cookie.deviceLife)
                return reply
            },
            Route(
                .post, "\(prefix)/password", access, "Change the password; ends every other session.",
                body: .object([.required("current", Schemas.knownPassword), .required("new", Schemas.password)]), success: (204, nil), isForEnded: true
            ) { call in
                let (principal, session) = try who(call)
                try await hub.changePassword(
                    principal, current: call.text("current"), new: call.text("new"), session: session.id, address: call.address)
                return .nothing
            },
            Route(
                .post, "\(prefix)/second-factor", access, "Ask for an authenticator's secret; it counts once confirmed.",
                body: .object([.required("password", Schemas.knownPassword)]), success: (201, .reference("SecondFactorOffer"))
            ) { call in
                try .json(
                    try await hub.offerSecondFactor(try who(call).principal, password: call.text("password"), address: call.address), status: 201)
            },
            Route(
                .post, "\(prefix)/second-factor/confirm", access, "Switch the second factor on with a first code.",
                body: .object([.required("code", Schemas.code)]), success: (200, .reference("RecoveryCodes"))
            ) { call in
                let (principal, session) = try who(call)
                let codes: [String] = try await hub.confirmSecondFactor(principal, code: call.text("code"), session: session.id, address: call.address)
                return try .json(["recoveryCodes": codes])
            },
            Route(
                .post, "\(prefix)/second-factor/remove", access, "Switch the second factor off.",
                body: .object([.required("password", Schemas.knownPassword)]), success: (204, nil), isForEnded: true
            ) { call in
                try await hub.removeSecondFactor(try who(call).principal, password: call.text("password"), address: call.address)
                return .nothing
            },
        ]
    }
}
