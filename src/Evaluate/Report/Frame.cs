namespace LmmRec.Evaluate.Report;

/// <summary>
/// What is wider than a small window scrolls in a frame of its own, which the keyboard reaches and a screen reader names. It is a group and no region: a page of
/// several data sets has many of one name, and those who jump from landmark to landmark could not tell them apart.
/// </summary>
internal static class Frame
{
    /// <summary>A table or another wide thing.</summary>
    /// <param name="label">what it is</param>
    /// <param name="body">the thing</param>
    /// <param name="style">further classes: <c>tall</c> where it scrolls upwards, too</param>
    public static Html Of(string label, Html body, string style = "") => Html.Of($"""
        <div class="scroll{Html.If(style.Length > 0, $" {style}")}" role="group" tabindex="0" aria-label="{label}">{body}</div>
        """);

    /// <summary>A drawing and what it shows.</summary>
    public static Html Figure(string label, Html drawing, Html caption) => Html.Of($"""
        <figure>{Of(label, drawing, "figure")}
        <figcaption class="note">{caption}</figcaption></figure>
        """);
}
