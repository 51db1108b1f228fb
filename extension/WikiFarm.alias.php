<?php
/** Names of the special page. */

$specialPageAliases = [];

/** English */
$specialPageAliases['en'] = [
	'WikiFarm' => [ 'WikiFarm' ],
];

/** Simplified Chinese */
$specialPageAliases['zh-hans'] = [
	'WikiFarm' => [ '维基农场' ],
];
