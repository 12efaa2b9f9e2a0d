namespace LmmRec.Train.Data;

/// <summary>
/// How the adjacency A of users and items is normalised where it stays symmetric; recommenders differ in it on purpose
/// (docs/recommenders.md#adjacency; for the others see <see cref="RandomWalk"/>). Degrees count training edges; a node without edges gets a zero
/// row.
/// </summary>
public enum Normalization
{
    /// <summary>A_ab (deg_a + 1e-7)^-½ (deg_b + 1e-7)^-½: LightGCN, FREEDOM, BM3.</summary>
    Sym,

    /// <summary>The same without an epsilon: MMGCL, MGCN.</summary>
    Sym0,

    /// <summary>The same with 1e-8: SLMRec.</summary>
    Sym8,
}
