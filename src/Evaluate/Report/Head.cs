namespace LmmRec.Evaluate.Report;

/// <summary>Head rows of tables.</summary>
internal static class Head
{
    /// <summary>One row: columns of text, then columns of numbers.</summary>
    public static Html Of(IEnumerable<string> texts, IEnumerable<string> numbers) => Html.Of($"""
        <thead><tr>
          {texts.Select(name => Html.Of($"""<th scope="col">{name}</th>"""))}
          {numbers.Select(name => Html.Of($"""<th scope="col" class="number">{name}</th>"""))}
        </tr></thead>
        """);
}
