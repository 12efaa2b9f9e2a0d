using LmmRec.Evaluate.Paper;

namespace LmmRec.Evaluate.Tests;

/// <summary>The code that counts our cells, fed with the paper's (docs/paper.md#what-its-numbers-say).</summary>
public sealed class PaperCountsTests
{
    [Theory]
    [InlineData("pre-trained CLIP and VLMo above the baseline, with a star", 83, 120)]
    [InlineData("the same without LATTICE", 83, 96)]
    [InlineData("LATTICE: below the baseline", 24, 24)]
    [InlineData("MMGCN on Baby: below the baseline", 8, 8)]
    [InlineData("fine-tuned above pre-trained", 87, 120)]
    [InlineData("the same, with a star at pre-trained", 85, 120)]
    [InlineData("MMGCL on Clothing: fine-tuned above pre-trained", 1, 8)]
    [InlineData("LATTICE: fine-tuned below pre-trained", 22, 24)]
    [InlineData("CLIP: end to end above fine-tuned", 49, 60)]
    [InlineData("of these with a star at fine-tuned", 46, 49)]
    [InlineData("VBPR with CLIP: end to end below fine-tuned", 8, 12)]
    [InlineData("VLMo: end to end above fine-tuned", 28, 60)]
    [InlineData("baseline: both modalities above visual alone", 4, 6)]
    [InlineData("baseline: both modalities above textual alone", 1, 6)]
    [InlineData("CLIP end to end: both modalities above one alone", 12, 12)]
    [InlineData("of these with a star at one alone", 10, 12)]
    public void The_papers_claims_are_counted_again_from_its_printed_tables(string what, int count, int of)
    {
        var counted = PaperCounts.Of(PublishedCells.All).Single(claim => claim.What == what);
        Assert.Equal((count, of), (counted.Count, counted.Of));
    }

    [Fact]
    public void Every_count_is_pinned_by_the_test_above() =>
        Assert.Equal(
            typeof(PaperCountsTests).GetMethod(nameof(The_papers_claims_are_counted_again_from_its_printed_tables))!.GetCustomAttributes(typeof(InlineDataAttribute), false).Length,
            PaperCounts.Of(PublishedCells.All).Count);

    [Fact]
    public void The_papers_480_cases_are_its_values_of_tables_3_and_4_with_the_pretrained_ones_in_both() => Assert.Equal(480, PaperCounts.Cases(PublishedCells.All));

    [Fact]
    public void Nothing_is_counted_where_there_is_nothing_to_compare() =>
        Assert.All(PaperCounts.Of(new PaperCells([])), count => Assert.Equal((0, 0), (count.Count, count.Of)));

    [Fact]
    public void The_printed_values_that_do_not_fit_their_rows_are_called_doubtful()
    {
        var doubtful = PublishedCells.All.All.Where(PublishedCells.IsDoubtful).Select(cell => $"{cell.Table} {cell.Dataset} {cell.Row.Model} {cell.Row.Encoder}-{cell.Row.Paradigm}");
        Assert.Equal(["3 Clothing MMGCN CLIP-PT", "4 Clothing MMGCN CLIP-PT", "4 Clothing MMGCN CLIP-FT", "4 Sports SLMRec CLIP-ETE"], doubtful);
    }

    [Fact]
    public void Every_printed_value_has_a_place_in_the_layout()
    {
        var places = PaperLayout.All.SelectMany(layout => layout.Families.SelectMany(family => family).Select(row => (layout.Number, row))).ToHashSet();
        Assert.All(PublishedCells.All.All.Where(cell => cell.Table != DataCells.Table), cell => Assert.Contains((cell.Table, cell.Row), places));
        Assert.Equal([18, 180, 360, 18], new[] { 1, 3, 4, 5 }.Select(table => PublishedCells.All.All.Count(cell => cell.Table == table)));
    }
}
