extension MailDomainList {
    /// Mailboxes that nobody keeps. Such services take new names every week: this list holds the names they are known by, and
    /// an operator's own list is for the rest. Sorted within each group.
    static let builtInDisposable: String = """
        # Mailinator
        binkmail.com bobmail.info chammy.info devnullmail.com letthemeatspam.com mailin8r.com mailinater.com mailinator.com
        mailinator.net mailinator.org mailinator2.com mailismagic.com monumentmail.com notmailinator.com reallymymail.com
        reconmail.com safetymail.info sendspamhere.com sogetthis.com spamherelots.com spamhereplease.com spamthisplease.com
        streetwisemail.com suremail.info thisisnotmyrealemail.com tradermail.info veryrealemail.com zippymail.info

        # Guerrilla Mail
        grr.la guerrillamail.biz guerrillamail.com guerrillamail.de guerrillamail.info guerrillamail.net guerrillamail.org
        guerrillamailblock.com pokemail.net sharklasers.com spam4.me

        # 10 Minute Mail and others by the minute
        0-mail.com 0815.ru 0clickemail.com 0wnd.net 0wnd.org 10mail.org 10minut.com.pl 10minutemail.be 10minutemail.cf
        10minutemail.co.uk 10minutemail.co.za 10minutemail.com 10minutemail.de 10minutemail.ga 10minutemail.gq 10minutemail.ml
        10minutemail.net 10minutemail.org 10minutemail.ru 10minutemail.us 10minutesmail.com 10minutmail.pl 1chuan.com 1zhuan.com
        20email.eu 20mail.it 20minutemail.com 20minutemail.it 24hourmail.com 24hourmail.net 2prong.com 30minutemail.com
        33mail.com 3d-painting.com 4warding.com 4warding.net 4warding.org 60minutemail.com minuteinbox.com my10minutemail.com
        tempail.com tenminutemail.com

        # YOPmail
        cool.fr.nf courriel.fr.nf jetable.fr.nf mega.zik.dj moncourrier.fr.nf monemail.fr.nf monmail.fr.nf nomail.xl.cx
        nospam.ze.tc speed.1s.fr yopmail.com yopmail.fr yopmail.gq yopmail.net yopmail.pp.ua

        # Temp Mail and its like
        discard.email discardmail.com discardmail.de spambog.com spambog.de spambog.ru temp-mail.com temp-mail.de temp-mail.io
        temp-mail.org temp-mail.ru temp.emeraldwebmail.com tempemail.biz tempemail.co.za tempemail.com tempemail.net
        tempinbox.co.uk tempinbox.com tempmail.co tempmail.com tempmail.de tempmail.eu tempmail.it tempmail.net tempmail.plus
        tempmail.us tempmail2.com tempmailaddress.com tempmaildemo.com tempmailer.com tempmailer.de tempmailo.com tempomail.fr
        temporarioemail.com.br temporaryemail.net temporaryemail.us temporaryforwarding.com temporaryinbox.com
        temporarymailaddress.com tempr.email tempthe.net tempymail.com thankyou2010.com tmail.ws tmailinator.com tmpbox.net
        tmpeml.com tmpjr.me tmpmail.net tmpmail.org

        # Trash, spam and throw-away
        antispam24.de antispammail.de einmalmail.de einrot.com kasmail.com killmail.com killmail.net mailnull.com no-spam.ws
        nospam4.us nospamfor.us nospammail.net nospamthanks.info nullbox.info sofort-mail.de spam.la spam.su spamavert.com
        spambob.com spambob.net spambob.org spambox.info spambox.irishspringrealty.com spambox.us spamcannon.com spamcannon.net
        spamcero.com spamcon.org spamcorptastic.com spamcowboy.com spamcowboy.net spamcowboy.org spamday.com spamex.com
        spamfree.eu spamfree24.com spamfree24.de spamfree24.eu spamfree24.info spamfree24.net spamfree24.org spamgoes.in
        spamgourmet.com spamgourmet.net spamgourmet.org spamhole.com spamify.com spaminator.de spamkill.info spaml.com spaml.de
        spammotel.com spamobox.com spamoff.de spamslicer.com spamspot.com spamstack.net spamthis.co.uk spamtrail.com
        spamtroll.net throwam.com throwawayemailaddress.com throwawaymail.com trash-mail.at trash-mail.com trash-mail.de
        trash-me.com trash2009.com trashdevil.com trashdevil.de trashemail.de trashmail.at trashmail.com trashmail.de
        trashmail.io trashmail.me trashmail.net trashmail.org trashmail.ws trashmailer.com trashymail.com trashymail.net
        trbvm.com wegwerf-email.de wegwerfadresse.de wegwerfemail.com wegwerfemail.de wegwerfmail.de wegwerfmail.info
        wegwerfmail.net wegwerfmail.org

        # Other well-known services
        027168.com 1secmail.com 1secmail.net 1secmail.org anonbox.net anonymbox.com armyspy.com bccto.me beefmilk.com
        bio-muesli.net bofthew.com brefmail.com bsnow.net bugmenot.com bumpymail.com burnermail.io burnthespam.info casualdx.com
        cek.pm centermail.com chacuo.net chitthi.in chogmail.com choicemail1.com consumerriot.com crapmail.org crazymailing.com
        cryptogmail.com cubiclink.com cust.in cuvox.de dandikmail.com dayrep.com dcctb.com deadaddress.com deagot.com despam.it
        despammed.com dfgh.net disposableaddress.com disposableemailaddresses.com disposableinbox.com dispose.it
        disposeamail.com disposemail.com dispostable.com dm.w3internet.co.uk dodgeit.com dodgit.com dodgit.org donemail.ru
        dontreg.com dontsendmespam.de drdrb.com drdrb.net dropmail.me duam.net dudmail.com dump-email.info dumpandjunk.com
        dumpmail.de dumpyemail.com e4ward.com easytrashmail.com email60.com emailfake.com emailias.com emailigo.de
        emailinfive.com emailmiser.com emailnator.com emailondeck.com emailsensei.com emailtemporanea.com emailtemporanea.net
        emailtemporar.ro emailtemporario.com.br emailthe.net emailtmp.com emailwarden.com emailx.at.hm emailxfer.com emltmp.com
        ephemail.net esiix.com etempmail.com etempmail.net explodemail.com fake-email.pp.ua fakeinbox.com fakeinformation.com
        fakemail.fr fakemail.net fakemailgenerator.com fakermail.com fastacura.com fexbox.org fexpost.com filzmail.com
        fixmail.tk fizmail.com fleckens.hu fr33mail.info frapmail.com fudgerub.com generator.email get1mail.com get2mail.fr
        getairmail.com getmails.eu getnada.com getonemail.com getonemail.net gishpuppy.com gotmail.net gotmail.org great-host.in
        gufum.com gustr.com haltospam.com harakirimail.com hatespam.org hidemail.de hidzz.com hmamail.com hochsitze.com
        hulapla.de icznn.com ieatspam.eu ieatspam.info ihateyoualot.info imails.info imgof.com inboxalias.com inboxbear.com
        inboxclean.com inboxclean.org inboxes.com inboxkitten.com inboxproxy.com incognitomail.com incognitomail.net
        incognitomail.org inpwa.com insorg-mail.info instant-mail.de ipoo.org irish2me.com jetable.com jetable.net jetable.org
        jnxjn.com jourrapide.com junk1e.com kaspop.com klassmaster.com klzlk.com kurzepost.de kzccv.com laafd.com lifebyfood.com
        link2mail.net linshiyou.com linshiyouxiang.net litedrop.com lookugly.com lortemail.dk lroid.com lukop.dk luxusmail.org
        m4ilweb.info maboard.com mail-temporaire.com mail-temporaire.fr mail.gw mail.tm mailbidon.com mailblocks.com
        mailcatch.com mailde.de mailde.info maildrop.cc maileater.com maileimer.de mailexpire.com mailfa.tk mailforspam.com
        mailfreeonline.com mailguard.me mailgutter.com mailhazard.com mailimate.com mailme.ir mailme.lv mailme24.com
        mailmetrash.com mailmoat.com mailnesia.com mailpoof.com mailquack.com mailrock.biz mailsac.com mailscrap.com mailseal.de
        mailshell.com mailsiphon.com mailslapping.com mailslite.com mailtemp.info mailto.plus mailtome.de mailtothis.com
        mailzilla.com mailzilla.org meltmail.com merepost.com mierdamail.com mintemail.com moakt.cc moakt.co moakt.com moakt.ws
        mohmal.com mohmal.im mohmal.in mohmal.tech msgos.com mt2009.com mt2014.com mycleaninbox.net mypartyclip.de mytemp.email
        mytempemail.com mytempmail.com mytrashmail.com nada.email nada.ltd nepwk.com nervmich.net nervtmich.net netmails.com
        netmails.net nobulk.com noclickemail.com nogmailspam.info nomail2me.com nomorespamemails.com nowmymail.com nwldx.com
        objectmail.com obobbo.com oneoffemail.com onewaymail.com oopi.org oosln.com ordinaryamerican.net owlpic.com pookmail.com
        privymail.de proxymail.eu prtnx.com putthisinyourspamdatabase.com qiott.com quickinbox.com rcpt.at recode.me
        recursor.net regbypass.com rhyta.com rmqkr.net rover.info rppkn.com rtrtr.com safersignup.de safetypost.de
        saynotospams.com selfdestructingmail.com selfdestructingmail.org shieldemail.com shiftmail.com shitmail.me shortmail.net
        skeefmail.com slaskpost.se slopsbox.com smailpro.com smellfear.com snakemail.com snapmail.cc sneakemail.com sofimail.com
        soodonims.com spoofmail.de stuffmail.de super-auswahl.de supergreatmail.com supermailer.jp superrito.com superstachel.de
        tafmail.com tagyourself.com talkinator.com teleworm.us tilien.com tittbit.in tm2mail.com topranklist.de trialmail.de
        turual.com twinmail.de txcct.com tyldd.com uggsrock.com upliftnow.com uplipht.com uroid.com vddaz.com vjuum.com vpn.st
        vsimcard.com walkmail.net webm4il.info wetrainbayarea.com wh4f.org whyspam.me willselfdestruct.com winemaven.info
        wronghead.com wuzup.net wuzupmail.net wwjmp.com xagloo.com xemaps.com xents.com xmaily.com xojxe.com xoxy.net yapped.net
        yep.it yogamaven.com yoggm.com yuurok.com zehnminutenmail.de zoaxe.com zoemail.org
        """
}
