namespace LmmRec.Train.Data;

/// <summary>
/// How the adjacency A of users and items is normalised; recommenders differ in it on purpose (spec recommenders 0.3). Degrees count training
/// edges; a node without edges gets a zero row, but for the self loop.
/// </summary>
public enum Normalization
{
    /// <summary>A_ab (deg_a + 1e-7)^-½ (deg_b + 1e-7)^-½: LightGCN, FREEDOM, BM3.</summary>
    Sym,

    /// <summary>The same without an epsilon: MMGCL, MGCN.</summary>
    Sym0,

    /// <summary>The same with 1e-8: SLMRec.</summary>
    Sym8,

    /// <summary>Each row of A + 1 divided by its sum; the only one with self loops, and not symmetric: LATTICE.</summary>
    RandomWalkWithSelfLoops,
}
