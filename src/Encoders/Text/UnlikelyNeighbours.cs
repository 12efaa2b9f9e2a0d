using System.Text.RegularExpressions;

namespace LmmRec.Encoders.Text;

// Which characters hardly anybody writes side by side, and misread UTF-8 is full of. They are those that come of misreading, in the classes of ftfy 6.
internal static partial class Mojibake
{
    private const string Controlled = "\u0080-\u009F";
    private const string Frequent = "\u00A0\u00AD·´–—―…’"; // in good texts too
    private const string Odd = "¦¤¨¬¯¸ƒˆˇ˘˛˜†‡‰⌐◊\uFFFDªº";
    private const string Legal = "¶§";
    private const string Currency = "¢£¥₧€";
    private const string Opening = "¡«¿©΄΅‘‚“„•‹\uF8FF";
    private const string Closing = "®»˝”›™";
    private const string Numeric = "²³¹±¼½¾×µ÷⁄∂∆∏∑√∞∩∫≈≠≡≤≥№";
    private const string Faces = "Ò-ÖÙ-Üò-öø-üŐŌŪŲ°"; // of which people make faces
    private const string Capital = "À-ÑØÜÝĂĀĄĆČĎĐĘĚĒĖĞĢİĪĶĹĽŁĻŃŇŅŒŘŚŞŠŢŤŮŰŸŹŻŽҐ";
    private const string Small = "ßà-ñăąāćčďđęěēėğģįīķĺľłļœŕśşšťüźżžґﬁﬂ";
    private const string OtherCapital = "ÞΑ-ΩΆΈΉΊΌΎΏΪΫЁ-Я"; // these end words
    private const string OtherSmall = "α-ωάέήίΰа-џ";
    private const string Frames = "│┌┐┘├┤┬┼═-╬▀▄█▌▐░▒▓";

    private const string Arabic = $"[ØÙ][{Frequent}{Currency}{Odd}{Numeric}{Opening}ŸŠ®°µ»]";

    [GeneratedRegex(
        $"[{Controlled}]"
        + $"|[{Odd}{Small}{Capital}{Frames}{Opening}{Closing}{Currency}{Numeric}{Legal}][{Odd}]|[{Odd}][{Small}{Capital}{Frames}{Opening}{Closing}{Currency}{Numeric}{Legal}]"
        + $"|[a-zA-Z][{OtherSmall}{OtherCapital}][{Odd}]"
        + $"|[{Small}{OtherSmall}{Frames}{Closing}{Currency}{Numeric}][{Capital}]|[{Frames}{Closing}{Currency}{Numeric}][{Small}]"
        + $"|[{Small}{Frames}{Closing}][{Currency}]|\\s[{Capital}][{Currency}]|[{Capital}{Frames}][{Numeric}{Legal}]"
        + $"|[{Small}{Capital}{Frames}{Currency}{Closing}][{Opening}][{Numeric}]|[{Small}{Capital}{Currency}{Numeric}{Frames}{Legal}][{Closing}][{Opening}]"
        + $"|[{Currency}{Numeric}{Frames}][{Opening}]|[a-z][{Capital}][{Opening}{Currency}]|[{Small}{Capital}][{Opening}{Closing}]\\w"
        + $"|[{Frames}][{Faces}{Closing}]|[{Small}{Capital}{Currency}{Numeric}{Opening}{Closing}{Legal}][{Frames}]|[{Capital}]°|[Œœ][^A-Za-z]"
        // Windows 1252
        + $"|[ÂÃÎÐ][€œŠš¢£Ÿž\u00A0\u00AD®©°·»{Opening}{Closing}–—´]|×[²³]|{Arabic}{Arabic}|à[²µ¹¼½¾]|Ã[\u00A0¡]|[a-z]\\s?[ÃÂ] |^[ÃÂ] |[a-z.,?!{Closing}]Â[ {Opening}{Closing}]"
        // Macintosh
        + "|√[±∂†≠®™´≤≥¥µø]|≈[°¢]|‚Ä[ìîïòôúùû†°¢π]|‚[âó][àä°ê]"
        // Windows 1251, 1253 and 1257
        + $"|вЂ|[ВГРС][{Controlled}{Odd}{Opening}{Closing}{Currency}°µ][ВГРС]|ГўВЂВ.[A-Za-z ]|β€[™\u00A0Ά\u00AD®°]|[ΒΓΞΟ][{Controlled}{Odd}{Opening}{Closing}{Currency}°][ΒΓΞΟ]|ā€",
        RegexOptions.CultureInvariant)]
    private static partial Regex Unlikely();
}
