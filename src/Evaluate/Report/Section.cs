namespace LmmRec.Evaluate.Report;

/// <summary>A part of the page with a heading, which the contents name. One whose body is empty has nothing to say and is left out.</summary>
internal sealed record Section(string Title, Html Body)
{
    public bool IsThere => Body.ToString().Trim().Length > 0;

    /// <param name="id">its name in the page</param>
    /// <param name="level">2, or 3 below the heading of a data set</param>
    public Html At(string id, int level) => Html.Of($"""
        <section id="{id}"><h{level}>{Title}</h{level}>
        {Body}
        </section>

        """);
}
