/// What attackers try first: words that are passwords by themselves or with a few digits behind (`PasswordPolicy` takes
/// those off), and common passwords of ten characters and more. Written for Vultus from what published studies of leaked
/// passwords agree on; runs and repetitions are found by rule and are not listed.
enum CommonPasswords {
    static let all: Set<String> = Set((words + "\n" + long).split(whereSeparator: \.isWhitespace).map(String.init))

    /// With up to six digits or signs behind them.
    static let words: String = """
        abc abcd access account admin administrator alexander amanda andrea andrew angel anthony apple asdf asdfgh
        asdfghjkl ashley august austin babygirl banana baseball basketball batman beautiful berlin blink butterfly changeme
        charlie cheese chelsea chicken chocolate christian computer cookie daniel default demo dragon elizabeth estrella
        family february flower football freedom friends gabriel galaxy george ginger google guest hallo hannah hello hockey
        ihateyou iloveu iloveyou iloveyou2 internet january jasmine jennifer jessica jesus jordan joshua justin juventus
        killer letmein liverpool login london lovely loveme manager maria marina master matrix matthew merlin michael
        michelle monkey mustang mynoob naruto nicole nothing november october oliver orange pass passord passw password
        passwords passwort patrick pepper pokemon princess private purple qazwsx qwer qwert qwerty qwertyuiop qwertz
        rainbow richard robert root samantha samsung scorpion secret september server shadow slipknot soccer spiderman
        starwars sterling summer sunshine superman superuser supervisor support sweety system temp temporary test tester
        testing testtest thomas thunder tigger trustno twitter user username vultus welcome whatever william willkommen
        windows winter yellow zaq zxcvbn zxcvbnm
        """

    /// Ten characters and more, as they are.
    static let long: String = """
        0987654321qwerty 123456789a 123456789abc 123456789q 123456789qwerty 123456abcdef 123456qwerty 12345qwert
        12345qwerty 1234qwerasdf 123qwe123qwe 123qweasdzxc 1q2w3e4r5t6y7u8i9o 1qaz2wsx3edc 1qaz@wsx3edc 1qazxsw23edc
        a123456789 aa12345678 aa123456789 abc123456789 abcd123456 abcd1234abcd abcdef123456 access14all adminadmin
        adminpassword asd123456789 asdf1234asdf asdfasdfasdf asdfghjkl123 changethis changethisnow
        correct-horse-battery-staple correcthorse correcthorsebatterystaple defaultpassword facerecognition gfhjkmgfhjkm
        helloworld ilovemyself iloveyousomuch letmeinnow letmeinplease loveyou4ever mypassword mysecretpassword newpassword
        nopassword onetwothree p4ssw0rd123 p@$$w0rd123 p@ssw0rd12 p@ssw0rd123 p@ssw0rd1234 p@ssword123 pa$$word123
        pa55w0rd123 pass@word1 passpass12 passw0rd12 passw0rd123 passw0rd1234 password1password passwordpassword q1w2e3r4t5
        q1w2e3r4t5y6 qazwsxedc123 qwe123qwe123 qwer1234qwer qwerasdfzxcv qwerty123456 qwerty12345678 qwerty123qwerty
        qwertyqwerty secretsecret supersecret testpassword thisismypassword trustnoone unknown123 welcome2vultus
        zaq12wsxcde zaq1xsw2cde3 zxcvbnm123
        """
}
