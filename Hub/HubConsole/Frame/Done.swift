import HubDomain

/// What a page says after a form did its work: fixed sentences, so that a link cannot put words into the page's mouth.
enum Done: String {
    case confirmed, password, decided, application, archived, entitlement, keyFrozen = "key-frozen", signedOut = "signed-out", sent, joined
    case saved, changed, invited, erased, person, enrolled, reported, closing, booked, ordered, lifted, published, withdrawn
    case seen, approved, refused, commanded, cancelled, assigned, unassigned, deleted
    case begun, pinged, replayed, bought

    func words(_ language: Language) -> String {
        switch self {
        case .confirmed: language.text("Your mail address is confirmed. Sign in.", "您的邮箱已确认，请登录。")
        case .password: language.text("The new password is set. Sign in with it.", "新密码已设置，请使用新密码登录。")
        case .decided: language.text("Your decision is recorded.", "您的决定已记录。")
        case .application: language.text("The application is made.", "应用已创建。")
        case .archived: language.text("The application is archived; its keys no longer work.", "应用已归档，其密钥不再有效。")
        case .entitlement: language.text("Applied. What the application may call stands below.", "已申请。该应用可调用的接口如下。")
        case .keyFrozen: language.text("The key is frozen: no call with it passes any more.", "密钥已冻结，使用该密钥的调用将被拒绝。")
        case .signedOut: language.text("You are signed out.", "您已退出登录。")
        case .sent: language.text("If that address is registered, a mail is on its way.", "如果该邮箱已注册，邮件正在发送。")
        case .saved: language.text("Saved.", "已保存。")
        case .changed: language.text("Changed.", "已更改。")
        case .invited: language.text("The invitation is on its way by mail.", "邀请邮件正在发送。")
        case .erased: language.text("Erased; devices that hold the person erase them at their next contact.", "已删除；持有该人员的设备将在下次联系时删除。")
        case .person: language.text("The person is added. A picture is still to be enrolled.", "人员已添加，还需注册照片。")
        case .enrolled: language.text("A template is made and kept sealed; the picture is not kept.", "模板已生成并加密保存，图片未保存。")
        case .reported: language.text("It is written down; the other side sees it.", "已记录，对方可见。")
        case .closing: language.text("The request is made; the operator decides, and you are told by mail.", "申请已提交；平台审核后将邮件通知您。")
        case .booked: language.text("Booked, and the account is told.", "已入账并通知账户。")
        case .ordered: language.text("In force, and the account is told.", "已生效并通知账户。")
        case .lifted: language.text("Lifted, and the account is told.", "已解除并通知账户。")
        case .published: language.text("Published.", "已发布。")
        case .seen: language.text("Acknowledged: it is not told again.", "已确认，不再提醒。")
        case .withdrawn: language.text("Withdrawn.", "已撤回。")
        case .approved: language.text("Approved: the device has its certificate at its next question, within a minute.", "已批准：设备将在一分钟内取得证书。")
        case .refused: language.text("Refused; the device is told.", "已拒绝并告知设备。")
        case .commanded: language.text("Asked; the device carries it out at its next contact.", "指令已下发，设备将在下次联系时执行。")
        case .cancelled: language.text("Taken back, unless the device has begun with it.", "指令已取消（设备已开始执行的除外）。")
        case .assigned: language.text("Assigned: devices take it at their next contact.", "已下发：设备将在下次联系时获取。")
        case .unassigned: language.text("Unassigned: devices erase it at their next contact.", "已取消下发：设备将在下次联系时删除。")
        case .deleted: language.text("Deleted.", "已删除。")
        case .begun: language.text("The roll-out has begun: devices of its first stage hear of it at their next contact.", "推送已开始：第一阶段的设备将在下次联系时获知。")
        case .pinged: language.text("A ping is on its way; what became of it stands among the deliveries below.", "测试消息正在发送，结果见下方投递记录。")
        case .replayed: language.text("It is sent again, under the same webhook-id.", "正在以相同的 webhook-id 重新发送。")
        case .bought: language.text("Bought, and in force at once.", "购买成功，立即生效。")
        case .joined: language.text("Welcome. Sign in with your new password.", "欢迎加入，请使用新密码登录。")
        }
    }
}
